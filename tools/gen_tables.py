#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns decode/'s tables into the C data of decode/layout.h and decode/syscall_table.h.

  gen_tables.py DECODE_DIR ARCH > tables_ARCH.c      one architecture's syscalls
  gen_tables.py DECODE_DIR names > tables_names.c    errnos, signals and their codes

What the tables say is read by table_rows.py, what kinds of values there are is in table_kinds.py.
A row that cannot be understood stops the build.
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
import compat_calls  # noqa: E402
from table_kinds import (  # noqa: E402
    ANY, BEHIND, BYTES, COUNTED, MEMBERS, NAMED, NETLINK, OCTETS, OUTCOMES, PLAIN,
    POINTER_TYPEDEFS, REGISTERS, SCALARS, WIDTHS)
from table_rows import ALL_BITS, ARCHES, TableRows, number, rows  # noqa: E402

CAPTURE_RULES = 3
PAYLOAD_BYTES = 256  # IGREC_CAPTURE_PAYLOAD_BYTES
NODES_BYTES = 128  # 1024 NUMA nodes, what libnuma asks for
CHANGED_MAX = 4         # IGREC_CHANGED_MAX
CHANGED_BYTES_MAX = 16  # IGREC_CHANGED_BYTES_MAX


def constant(value):
    return value if isinstance(value, str) else f"{value:#x}"


def expand(rule):
    """A rule with those that must stand around it: see enum igrec_capture_kind."""
    kind, index, length, flags, _ = rule
    none = ("NONE", 0, 0, [], 1)
    if kind in ("IOVEC", "IOVEC_RESULT"):
        return [("ARG", index, length, [], 16), rule, none]
    if kind == "MSGHDR":
        return [rule, none, none]
    if kind == "MSGHDR_BOTH":
        return [("MSGHDR", *rule[1:]), none, none, ("CHANGED", index, 0, [], CHANGED_BYTES_MAX)]
    if kind.endswith("_WAS"):
        return [(kind.removesuffix("_WAS"), *rule[1:]),
                ("CHANGED", index, 0, [], CHANGED_BYTES_MAX)]
    return [rule]


class Tables(TableRows):
    """What was read; emits C on demand, each set, layout and field list once."""

    def __init__(self, folder, arch):
        super().__init__(folder, arch)
        self.scalars = {**SCALARS, **(compat_calls.SCALARS if self.is_compat else {})}
        self.members = {}
        self.out, self.emitted, self.serial = [], set(), 0

    def set(self, where, name):
        if name not in self.sets:
            self.fail(where, f"unknown set {name}")
        if ("set", name) not in self.emitted:
            self.emitted.add(("set", name))
            unknown, names, alternatives = self.sets[name]
            if alternatives:
                by_value = {}
                for n, v, _ in names:
                    by_value.setdefault(v, []).append(n)
                names = [(" or ".join(n), v, ALL_BITS) for v, n in by_value.items()]
            values = [v for _, v, _ in names]
            in_order = "true" if values == sorted(values) else "false"
            body = "".join(f'\t{{{v:#x}, {m:#x}, "{n}"}},\n' for n, v, m in names)
            self.out.append(
                f"static const struct set_name names_{name}[] = {{\n{body}}};\n"
                f'static const struct name_set set_{name} = {{"{name}", "{unknown}", '
                f"names_{name}, {len(names)}, {in_order}}};\n")
        return f"&set_{name}"

    def struct(self, where, name):
        if name not in self.structs:
            self.fail(where, f"unknown struct {name}")
        if ("struct", name) not in self.emitted:
            self.emitted.add(("struct", name))
            entry = self.structs[name]
            where, size, members = entry["row"]
            own = [self.member(where, m) for m in members]
            self.members[f"struct_{name}"] = own
            text = self.layout(where, f"struct_{name}", name, size, own, entry["variants"],
                               lambda at, words: [self.member(at, m) for m in words])
            self.out.append(f"static const struct layout struct_{name} = {text};\n")
        return f"&struct_{name}", self.structs[name]["row"][1]

    def meaning(self, where, text, width):
        """Parts of a field that holds a plain value."""
        kind, _, name = text.partition(":")
        if text == "ethertype":
            return {"type": "PORT", "width": (2, 0), "set": self.set(where, "ethertype")}
        if text in ("ioprio", "noted_ioprio"):
            return {"type": text.upper(), "width": width, "set": self.set(where, "ioprio_class")}
        if text == "nfsubsys":
            return {"type": "PORT", "width": (2, 0), "set": self.set(where, "nfsubsys")}
        if text == "key":
            return {"type": "ENUM", "width": (4, 0), "set": self.set(where, "keyring")}
        if text in BEHIND:
            kind, capture, layout = BEHIND[text]
            layout = {"layout": self.struct(where, layout)[0]} if layout else {}
            return {"type": kind, "width": width, "length": capture, **layout}
        if kind == "bits":
            shift, bits, *rest = name.split(":")
            return {**self.meaning(where, ":".join(rest) or "num", width), "shift": int(shift),
                    "bits": int(bits)}
        if kind == "timestamp_us":
            return {"type": "TIMESTAMP", "width": width, "fixed": 1}
        if kind in NAMED:
            return {"type": NAMED[kind], "width": (width[0], 0), "set": self.set(where, name)}
        if kind in PLAIN and not name:
            return {"type": PLAIN[kind],
                    "width": width if width[0] == 2 else WIDTHS.get(kind, width)}
        return self.fail(where, f"unknown meaning {text}")

    def member(self, where, text):
        if text == "...":
            return text
        text, _, when = text.partition("?")
        match = re.fullmatch(r"(\w+)@(\d+):(\w+)(\[\d*\])?(?::(\S+))?", text)
        if not match:
            self.fail(where, f"no MEMBER@OFFSET:TYPE[:MEANING][?CONDITION]: {text}")
        name, offset, kind, meaning = match[1], int(match[2]), match[3], match[5] or "num"
        count = int(match[4][1:-1] or 0) if match[4] else 0
        if kind == "char":
            field = {"type": "DATA" if meaning == "data" else "STRING", "width": (count, 0)}
        elif match[4]:
            element = self.element(where, f"{kind}:{meaning}" if match[5] else kind)[0]
            field = {"type": "ARRAY", "width": (0, 0), "element": element, "fixed": count}
        elif kind == "nla":
            field = {"type": "ATTRIBUTES", "width": (0, 0),
                     "layout": self.struct(where, meaning)[0]}
        elif kind in OCTETS:
            field = {"type": OCTETS[kind][0], "width": (OCTETS[kind][1], 0)}
        elif kind == "raw":
            field = {"type": "HEX_DATA", "width": (0, 0), "counter": meaning}
        elif kind in MEMBERS:
            field = self.meaning(where, meaning, MEMBERS[kind])
        else:
            layout, size = self.struct(where, kind)
            field = {"type": "STRUCT", "width": (0, 0), "layout": layout, "fixed": size}
        return {**field, "name": name, "offset": offset, "when": when}

    def element(self, where, text):
        """An array's element T or T:MEANING; its size."""
        kind, _, meaning = text.partition(":")
        if kind in MEMBERS:
            field = self.meaning(where, meaning or "num", MEMBERS[kind])
            size = MEMBERS[kind][0]
        else:
            layout, size = self.struct(where, kind)
            field = {"type": "STRUCT", "width": (0, 0), "layout": layout}
        self.serial += 1
        self.out.append(f"static const struct field element_{self.serial} = "
                        f"{self.field({**field, 'name': ''})};\n")
        return f"&element_{self.serial}", size

    def argument(self, where, text, index, types):
        """(field, capture rule or None) of one argument."""
        names = [name for _, name in types]

        def position(name):
            if name not in names:
                self.fail(where, f"no argument {name}; there are {' '.join(names)}")
            return names.index(name)

        label, at, text, when = re.fullmatch(
            r"(?:(\w*)=)?(?:(\d):)?([^?]*)(?:\?(.+))?", text).groups()
        index = int(at) if at else index
        if index >= len(types):
            self.fail(where, f"there are {len(types)} arguments only")
        ctype, name = types[index]
        if text == "_":
            return {"name": name, "type": "HIDDEN", "width": (8, 0), "argument": index}, None
        if ctype.endswith("*") or ctype in POINTER_TYPEDEFS:
            width = (8, 0)
        elif ctype in self.scalars:
            width = self.scalars[ctype]
        else:
            self.fail(where, f"unknown C type {ctype}")
        register, _, meant = text.partition(":")
        if register in REGISTERS:
            return {"name": re.sub("_(lo|hi)$", "", name), "argument": index, "label": label,
                    "when": when or "", "register": REGISTERS[register],
                    **self.meaning(where, meant, (8, 1))}, None
        field = {"name": name, "width": (8, 0), "argument": index, "label": label,
                 "when": when or ""}
        kind, _, rest = text.partition(":")
        captured = not text.endswith("-")
        if kind.rstrip("-") in ("path", "str", "str_out"):
            field["type"] = "PATH" if kind.startswith("path") else "STRING"
            field["needs"] = "NEEDS_SUCCESS" if kind == "str_out" else "0"
            return field, ("STRING", index, 0, [], 1) if captured else None
        if ANY.fullmatch(text):
            field["type"] = "HEX" if kind == "any" else "POINTER"
            if rest == "str":
                return field, ("STRING", index, 0, [], 1)
            rest, low, high = ANY.fullmatch(text).groups()[1:]
            only = [("ONLY", low, high)] if high else []
            return field, (("FIXED", index, 0, only, int(rest)) if rest.isdigit()
                           else ("ARG", index, position(rest), only, 1))
        if kind in COUNTED:
            field["type"], field["unit"], rule = "COUNTED", rest, COUNTED[kind]
            return field, (rule, index, 0, ["ON_SUCCESS"] if rule == "DIRENTS" else [], 1)
        if kind == "pages_out":
            return {**field, "type": "PAGES", "length": position(rest),
                    "needs": "NEEDS_SUCCESS"}, ("FIXED", index, 0, ["ON_SUCCESS"], 32)
        if kind == "argv_in":
            field["type"] = "ARGV"
            return field, ("ARGV", index, 0, [], 1)
        if kind == "str_and":
            return {**field, "type": "STRING"}, ("STRINGS", index, position(rest), [], 1)
        if kind == "sigmask_in":
            field["type"], field["layout"] = "STRUCT", self.struct(where, "sigmask")[0]
            return field, ("SIGMASK", index, 0, [], 1)
        if kind == "changed":
            field["type"], field["label"] = "CHANGED", rest
            return field, None
        if kind.startswith(("text_", "data_", "iov_", "sockaddr_", "struct_", "array_", "sized_",
                            "sigset_", "msghdr_", "option_", "random_", "offset_", "bytes_", "cpuset_",
                            "xattr_", "nodes_", "sockdata_",
                            "fdset_")):
            return self.memory(where, field, kind, rest, index, position)
        return {**field, **self.meaning(where, text, width)}, None

    def memory(self, where, field, kind, rest, index, position):
        if kind.endswith("_was"):
            field, rule = self.memory(where, field, kind.removesuffix("_was") + "_in", rest, index,
                                      position)
            return {**field, "both": True}, (f"{rule[0]}_WAS", *rule[1:])
        if kind.endswith("_both"):
            return self.changed(where, field, kind.removesuffix("_both"), rest, index, position)
        kind, _, direction = kind.rpartition("_")
        flags = ["ON_SUCCESS"] if direction in ("out", "got") else []
        if kind in ("data", "sockdata", "iov"):
            flags.append("IS_PAYLOAD")
        elif kind != "msghdr":
            field["needs"] = {"out": "NEEDS_SUCCESS", "got": "NEEDS_RESULT"}.get(direction, "0")
        if kind in BYTES:
            field["type"] = BYTES[kind]
            if direction == "out" and not rest:
                return field, ("RESULT", index, 0, flags, 1)
            return field, ("ARG", index, position(rest), flags, 1)
        if kind == "iov":
            field["type"] = "IOVEC"
            if direction == "out":
                field["length"] = "FIELD_RESULT"
            return field, ("IOVEC" if direction == "in" else "IOVEC_RESULT", index,
                           position(rest), flags, 1)
        if kind == "random":
            field["type"] = "HEX_DATA"
            return field, ("RESULT", index, 0, flags + ["IS_PAYLOAD"], 1)
        if kind == "offset":
            field["type"] = "OFFSET" if direction == "in" else "MOVED_OFFSET"
            field["length"] = "FIELD_RESULT"
            return field, ("FIXED", index, 0, [], 8)
        if kind == "option":
            field["type"] = "OPTION"
            if direction == "out":
                field["length"] = position(rest)
            return field, ("ARG" if direction == "in" else "POINTER", index, position(rest),
                           flags, 1)
        if kind == "msghdr":
            if rest:
                field["type"], field["element"] = "ARRAY", self.element(where, "mmsghdr")[0]
                if direction == "out":
                    field["length"] = "FIELD_RESULT"
                return field, ("MSGHDR", index, position(rest), ["IS_PAYLOAD"], 64)
            field["type"], field["layout"] = "STRUCT", self.struct(where, kind)[0]
            if direction == "out":
                field["length"] = "FIELD_RESULT"
            return field, ("MSGHDR", index, 0, ["IS_PAYLOAD"], 1)
        if kind == "sockaddr":
            field["type"], field["layout"] = "STRUCT", self.struct(where, "sockaddr")[0]
            if direction == "out":
                field["length"] = position(rest)
            return field, ("ARG" if direction == "in" else "POINTER", index, position(rest),
                           flags, 1)
        if kind == "sigset":
            field["type"] = "SIGNAL_SET"
            return field, ("FIXED", index, 0, flags, 8)
        if kind == "nodes":
            field["type"], field["length"] = "NODES", position(rest)
            return field, ("FIXED", index, 0, flags, NODES_BYTES)
        if kind == "struct":
            return self.struct_argument(where, field, rest, index, flags, position)
        field["type"] = "ARRAY"
        if "*" in rest:
            element, _, count = rest.partition("*")
            field["element"], size = self.element(where, element)
            if count == "result":
                return field, ("RESULT", index, 0, flags, size)
            field["fixed"] = int(count)
            return field, ("FIXED", index, 0, flags, size * int(count))
        element, _, length = rest.rpartition(":")
        field["element"], size = self.element(where, element)
        if kind == "sized":
            return field, ("ARG" if direction == "in" else "POINTER", index, position(length),
                           flags, 1)
        field["length"] = position(length)
        return field, ("ARG", index, position(length), flags, size)

    def struct_argument(self, where, field, text, index, flags, position):
        """S, S:LEN as long as argument LEN says, S+LEN with as many bytes of payload behind."""
        name, how, length = re.fullmatch(r"(\w+)(?:([:+])(\w+))?", text).groups()
        field["type"] = "STRUCT"
        field["layout"], size = self.struct(where, name)
        if not how:
            return field, ("FIXED", index, 0, flags, size)
        field["fixed"] = "STRUCT_SIZED" if how == ":" else "STRUCT_AND_DATA"
        field["length"] = "FIELD_RESULT" if length == "result" else position(length)
        if how == ":":
            return field, ("ARG", index, position(length), flags, 1)
        return field, ("FIXED", index, 0, flags + ["IS_PAYLOAD"], PAYLOAD_BYTES)

    def changed(self, where, field, kind, rest, index, position):
        """What the call changes in place: see IGREC_ARG_CHANGED."""
        field["both"] = True
        if kind == "fdset":
            field["type"], field["length"] = "FD_SET", position(rest)
            return field, ("CHANGED", index, 0, [], CHANGED_BYTES_MAX)
        if kind == "msghdr":
            field, rule = self.memory(where, field, "msghdr_out", rest, index, position)
            return field, ("MSGHDR_BOTH", *rule[1:])
        field, (_, _, _, _, size) = self.memory(where, field, f"{kind}_in", rest, index, position)
        if size not in (4, 8, CHANGED_BYTES_MAX):
            self.fail(where, f"{size} bytes that change in place: 4, 8 and 16 are possible")
        return field, ("CHANGED", index, 0, [], size)

    def field(self, f):
        parts = [f'"{f["name"]}"', f"VALUE_{f['type']}", str(f["width"][0]),
                 "true" if f["width"][1] else "false",
                 str(f.get("length", "FIELD_NONE")), str(f.get("fixed", 0)),
                 str(f.get("offset", 0)), str(f.get("shift", 0)), str(f.get("bits", 0)),
                 f.get("set", "NULL"), f.get("layout", "NULL"),
                 f.get("element", "NULL"), str(f.get("argument", 0)), str(f.get("needs", 0)),
                 f'"{f["label"]}"' if f.get("label") is not None else "NULL",
                 f'"{f["unit"]}"' if f.get("unit") else "NULL", f.get("condition", "NULL"),
                 "true" if f.get("both") else "false",
                 f"REGISTER_{f.get('register', 'WHOLE')}"]
        return "{" + ", ".join(parts) + "}"

    def conditional(self, where, field, fields):
        """The field with its condition: KEY&A+B (any of these bits), KEY=VALUE, KEY&MASK=VALUE."""
        if not field.get("when"):
            return field
        when, member = field["when"], "NULL"
        struct, dot, rest = when.partition(".")
        if dot:
            index = next((i for i, f in enumerate(fields) if f["name"] == struct), None)
            if index is None or fields[index]["type"] != "STRUCT":
                self.fail(where, f"no struct {struct}")
            symbol = fields[index]["layout"][1:]
            at, mask, value = self.condition(where, rest, self.members[symbol])
            member = f"&{symbol}_fields[{at}]"
        else:
            index, mask, value = self.condition(where, when, fields)
        exact = "=" in when
        self.serial += 1
        self.out.append(
            f"static const struct field_condition condition_{self.serial} = "
            f"{{{index}, {'false' if exact else 'true'}, {constant(mask)}, {constant(value)}, "
            f"{member}}};\n")
        return {**field, "condition": f"&condition_{self.serial}"}

    def counted(self, where, field, fields):
        """A member of as many bytes as another one says: its index, from 1."""
        if field.get("counter", "num") == "num":
            return field
        names = [f["name"] for f in fields]
        if field["counter"] not in names:
            self.fail(where, f"no member {field['counter']}")
        return {**field, "fixed": names.index(field["counter"]) + 1}

    def fields(self, where, symbol, fields):
        if not fields:
            return "NULL"
        fields = [self.counted(where, self.conditional(where, f, fields), fields) for f in fields]
        body = "".join(f"\t{self.field(f)},\n" for f in fields)
        self.out.append(f"static const struct field {symbol}[] = {{\n{body}}};\n")
        return symbol

    def condition(self, where, text, fields):
        """(index of the key, mask, value) of ARG=VALUE, ARG&MASK=VALUE or ARG&MASK."""
        if text in OUTCOMES:
            return "FIELD_RESULT", *OUTCOMES[text]
        match = re.fullmatch(r"(\w+)(?:&([\w+]+))?(?:=(\w+))?", text)
        if not match:
            self.fail(where, f"no condition: {text}")
        index = next((i for i, f in enumerate(fields) if f["name"] == match[1]), None)
        if index is None:
            self.fail(where, f"no field {match[1]}")
        known = {}
        if fields[index]["type"] == "SIGNAL":
            known = {n: v for n, v, _ in self.sets["signal"][1]}
        if "set" in fields[index]:
            known = {n.partition(" ")[0]: v for n, v, _ in self.sets[fields[index]["set"][len("&set_"):]][1]}

        def value_of(word):
            return known[word] if word in known else number(word)
        try:
            mask = sum({value_of(m) for m in match[2].split("+")}) if match[2] else ALL_BITS
            return index, mask, value_of(match[3]) if match[3] else mask
        except ValueError:
            return self.fail(where, f"neither a number nor in the set: {text}")

    def result(self, where, symbol, text):
        """A field for what a variant's call returns."""
        label, _, text = text.rpartition("=")
        field = {"name": "result", **self.meaning(where, text, (8, 1)), "label": label or None}
        self.out.append(f"static const struct field {symbol}_result = {self.field(field)};\n")
        return f"&{symbol}_result"

    def layout(self, where, symbol, name, size, fields, variants, parse, result="NULL"):
        is_part = "..." in fields
        fields = [f for f in fields if f != "..."]
        array = self.fields(where, f"{symbol}_fields", fields)
        listed, key, nested = [], "FIELD_NONE", {}
        for text, (at, words) in variants.items():
            first, _, rest = text.partition("/")
            entry = nested.setdefault(first, {"at": at, "words": None, "variants": {}})
            if rest:
                entry["variants"][rest] = (at, words)
            else:
                entry["words"] = words
        for serial, (text, entry) in enumerate(nested.items()):
            at = entry["at"]
            index, mask, value = self.condition(at, text, fields)
            if key not in ("FIELD_NONE", index):
                self.fail(at, "variants of one row must look at the same field")
            key = index
            own, own_result = fields, result
            if entry["words"] is not None:
                words, _, after = " ".join(entry["words"]).partition("= ")
                own = parse(at, words.split())
                own_result = self.result(at, f"{symbol}_{serial}", after) if after else "NULL"
            inner = self.layout(at, f"{symbol}_{serial}", name, size, own, entry["variants"],
                                parse, own_result)
            self.out.append(f"static const struct layout {symbol}_{serial} = {inner};\n")
            listed.append(f"\t{{{constant(mask)}, {constant(value)}, &{symbol}_{serial}}},\n")
        if listed:
            self.out.append(f"static const struct layout_variant {symbol}_variants[] = {{\n"
                            f"{''.join(listed)}}};\n")
        return (f'{{"{name}", {array}, {symbol + "_variants" if listed else "NULL"}, {size}, '
                f"{len(fields)}, {key}, {len(listed)}, {'true' if is_part else 'false'}, {result}}}")

    def arguments(self, where, name, words, types):
        if self.is_compat:
            words = compat_calls.words_of(name, words)
        if words == ["blocked"]:
            return [{"name": "mask", "type": "STRUCT", "width": (8, 0),
                     "layout": self.struct(where, "sigframe")[0]}], [("BLOCKED", 0, 0, [], 1)]
        pairs = [self.argument(where, word, i, types) for i, word in enumerate(words)]
        return [f for f, _ in pairs], [part for _, rule in pairs if rule for part in expand(rule)]

    def classes(self, given, fields, result):
        classes = set(given)
        if any(f["type"] == "PATH" for f in fields):
            classes.add("file")
        if any(f["type"] in ("FD", "DIRFD") for f in [*fields, result]):
            classes.add("desc")
        return "|".join(f"SYSCALL_CLASS_{c.upper()}" for c in sorted(classes)) or "0"

    def rules(self, where, rules, network, on_fd):
        if len(rules) > CAPTURE_RULES:
            self.fail(where, f"{len(rules)} captures, at most {CAPTURE_RULES} are possible")
        for kind, arg, length, flags, unit in rules:
            if kind == "NONE":
                yield "{IGREC_CAPTURE_NONE, 0, 0, 0, 1, 0, 0}"
                continue
            if network and "IS_PAYLOAD" in flags:
                flags = flags + ["ON_SOCKET"]
            elif on_fd and "IS_PAYLOAD" in flags:
                flags = flags + ["ON_FD"]
            only = ", ".join(next((f[1:] for f in flags if f[0] == "ONLY"), ("0", "0")))
            bits = "|".join(f"IGREC_CAPTURE_{f}" for f in flags if f[0] != "ONLY") or "0"
            yield f"{{IGREC_CAPTURE_{kind}, {arg}, {length}, {bits}, {unit}, {only}}}"

    def object_made(self, words, result):
        """What enum igrec_object_of says of a call, and its result without that."""
        for i, word in enumerate(words):
            if word == "array_out:i32:fd*2":
                return f"IGREC_OBJECT_OF_PAIR, {i}", result
        if result == "fd:object":
            return "IGREC_OBJECT_OF_RESULT, 0", "fd"
        if result == "num:cwd":
            return "IGREC_OBJECT_OF_CWD, 0", "num"
        return "IGREC_OBJECT_OF_NONE, 0", result

    def row_of(self, name):
        for row in (self.compat_calls.get(name), self.calls.get(name),
                    self.calls.get(compat_calls.native_name(name)) if self.is_compat else None):
            if row and row["row"]:
                return row
        return None

    def call(self, nr, name, types):
        entry = self.row_of(name)
        if not entry:
            self.fail(f"syscalls_{self.arch}.tbl", f"{name} has no row in overlay.tbl")
        where, lane, classes, words, result_text, note = entry["row"]
        fields, rules = self.arguments(where, name, words, types)
        changed = [(arg, size) for kind, arg, _, _, size in rules if kind == "CHANGED"]
        if len(changed) > CHANGED_MAX:
            self.fail(where, f"{len(changed)} change in place, at most {CHANGED_MAX} are possible")
        rules = [rule for rule in rules if rule[0] != "CHANGED"]
        makes, result_text = self.object_made(words, result_text)
        bytes_of = 4 if self.is_compat else 8
        result = {"name": "result", **self.meaning(where, result_text, (bytes_of, 1))}
        if result_text in ("hex", "ptr") or ":" in result_text:
            result["width"] = (bytes_of, 0)
        text = self.layout(where, f"call_{name}", name, 0, fields, entry["variants"],
                           lambda at, ws: self.arguments(at, name, ws, types)[0])
        on_fd = words[:1] == ["fd"]
        rules = list(self.rules(where, rules, "network" in classes, on_fd))
        self.out.append(
            f"static const struct syscall_descriptor call_{name} = {{\n"
            f'\t"{name}", {nr}, {len(types)}, {"true" if lane == "vital" else "false"}, '
            f"{self.classes(classes, fields, result)}, {len(rules)},\n"
            f"\t{sum(1 << arg for arg, _ in changed)}, {max((n for _, n in changed), default=0)}, "
            f"{makes},\n"
            f"\t{{{', '.join(rules) or '{0}'}}},\n\t{self.field(result)},\n"
            f"\tRESULT_NOTE_{note.upper()},\n\t{text},\n}};\n")


def main_arch(folder, arch):
    tables = Tables(folder, arch)
    tables.read_syscall_names()
    tables.read_errnos()
    tables.read_structs()
    tables.read_overlay()
    index = []
    for _, nr, name, types in tables.read_numbers():
        tables.call(nr, name, types)
        index.append(f"\t[{nr}] = &call_{name},\n")
    print("/* Made by tools/gen_tables.py. */\n"
          '#include "decode/tables.h"\n')
    print("\n".join(tables.out))
    print(f"const struct syscall_descriptor *const syscall_table_{arch}[IGREC_SYSCALLS_MAX] = {{\n"
          f"{''.join(index)}}};")


def main_names(folder):
    tables = Tables(folder, ARCHES[0])
    print('/* Made by tools/gen_tables.py. */\n#include "decode/tables.h"\n')
    print("const struct errno_row errno_rows[] = {")
    for where, line in rows(folder / "errno.list"):
        value, name, text = (line.split(" ", 2) + [""])[:3]
        print(f'\t{{{int(value)}, "{name}", "{text}"}},')
    print("};\nconst unsigned errno_count = sizeof(errno_rows) / sizeof(errno_rows[0]);\n")
    names = [name for name in tables.sets if name.startswith(("signal", "si_code"))
             or name == "netlink_protocol"]
    for name in names:
        tables.set("", name)
    tables.read_syscall_names()
    tables.read_errnos()
    tables.read_structs()
    layouts = [f"\t[{protocol}] = {{{tables.struct('', 'nlmsghdr' + name)[0]}, "
               f"{tables.struct('', 'netlink' + name)[0]}}},\n"
               for protocol, name in NETLINK.items()]
    error = tables.struct("", "NLMSGERR_ATTR")[0]
    print("\n".join(tables.out))
    for name in names:
        print(f"const struct name_set *const set_of_{name} = &set_{name};")
    print(f"const struct layout *const netlink_error_layout = {error};")
    print("const struct netlink_layouts netlink_layouts[NETLINK_PROTOCOLS] = {\n"
          f"{''.join(layouts)}}};")


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in (*ARCHES, "names"):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    if sys.argv[2] == "names":
        main_names(folder)
    else:
        main_arch(folder, sys.argv[2])


main()
