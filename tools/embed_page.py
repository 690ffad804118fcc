# SPDX-License-Identifier: Apache-2.0
"""Puts the page of `igrec report` together and prints it as a C file: embed_page.py HTML CSS JS...

In the markup <!--style--> and <!--script--> stand for the other files, <!--policy--> for the
content security policy, which allows exactly these two and nothing else, no request to anywhere.
<!--title-->, <!--text--> and <!--data--> are what igrec fills in: there the page is cut."""

import base64
import hashlib
import re
import sys

HOLES = ("title", "text", "data")


def read(path):
    with open(path, encoding="ascii") as f:  # what reaches a terminal must be harmless
        return f.read()


def source(text):
    """Of a policy: a script or style that is this text."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def put_together(html, css, scripts):
    script = "\n" + '"use strict";\n' + "".join(scripts)
    style = "\n" + css
    for text in (script, style):
        bad = re.search(r"</(script|style)|<!--", text, re.I)
        if bad:
            sys.exit(f"embed_page.py: {bad.group(0)} would end the element early")
    policy = (f"default-src 'none'; script-src {source(script)}; style-src {source(style)}; "
              "base-uri 'none'; form-action 'none'")
    parts = {"style": style, "script": script, "policy": policy}
    page = re.sub(r"<!--(style|script|policy)-->", lambda hole: parts[hole.group(1)], html)
    cut = re.split("|".join(f"<!--{hole}-->" for hole in HOLES), page)
    if len(cut) != len(HOLES) + 1 or re.findall(r"<!--(\w+)-->", page) != list(HOLES):
        sys.exit(f"embed_page.py: the markup needs {HOLES}, each once and in this order")
    return cut


def c_array(text):
    data = text.encode()
    lines = (", ".join(str(byte) for byte in data[i:i + 20]) for i in range(0, len(data), 20))
    return ",\n\t".join(lines)


def main():
    html, css, *scripts = [read(path) for path in sys.argv[1:]]
    print("/* Made by tools/embed_page.py. */\n#include \"report/page_text.h\"\n")
    pieces = put_together(html, css, scripts)
    for i, piece in enumerate(pieces):
        print(f"static const char piece_{i}[] = {{\n\t{c_array(piece)}}};\n")
    print("const struct page_piece page_pieces[PAGE_PIECES] = {")
    for i in range(len(pieces)):
        print(f"\t{{piece_{i}, sizeof(piece_{i})}},")
    print("};")


if __name__ == "__main__":
    main()
