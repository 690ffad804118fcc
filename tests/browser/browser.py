# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, driven through chromedriver's HTTP interface (W3C WebDriver)."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

SECONDS = 180
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the standard's name of a reference
KEYS = {"Escape": "\ue00c", "Enter": "\ue007", "Left": "\ue012", "Right": "\ue014"}


def missing():
    """What is not installed of that which a browser takes."""
    return [name for name in ("chromium", "chromedriver") if not shutil.which(name)]


class Failure(Exception):
    pass


class Browser:
    """Use as a context: it and its profile are gone afterwards."""

    def __init__(self, dark=False, width=1400, height=1000):
        self.dark = dark
        self.size = f"{width},{height}"

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="igrec-browser-")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                       env={**os.environ, "TMPDIR": self.profile})
        self.session = None
        try:
            self.url = f"http://127.0.0.1:{self.port_of_driver()}/session"
            self.session = self.call("POST", "", self.capabilities())["sessionId"]
            self.do("url", {"url": "about:blank"})
            self.requests()  # of the browser's own first page
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            if self.session:
                self.call("DELETE", f"/{self.session}")
        finally:
            self.driver.terminate()
            self.driver.communicate()
            shutil.rmtree(self.profile, ignore_errors=True)

    def port_of_driver(self):
        for line in self.driver.stdout:
            if b"started successfully on port" in line:
                return int(line.split()[-1].rstrip(b"."))
        raise Failure("chromedriver did not start")

    def capabilities(self):
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                     "--no-first-run", "--disable-background-networking", "--disable-sync",
                     "--disable-component-update", "--disable-dev-shm-usage",
                     f"--user-data-dir={self.profile}/data", f"--window-size={self.size}"]
        if self.dark:
            arguments.append("--blink-settings=preferredColorScheme=0")
        options = {"args": arguments, "binary": shutil.which("chromium")}
        logs = {"browser": "ALL", "performance": "ALL"}
        patience = {"script": 1000 * SECONDS, "pageLoad": 1000 * SECONDS}
        return {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options,
                                                 "goog:loggingPrefs": logs,
                                                 "timeouts": patience}}}

    def call(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Failure(json.load(error)["value"]["message"]) from error

    def do(self, what, body=None):
        return self.call("POST", f"/{self.session}/{what}", body)

    # ---- a page --------------------------------------------------------------------------

    def open(self, path):
        self.do("url", {"url": "file://" + os.path.abspath(path)})

    def run(self, script, *args):
        """The value of a script's `return`, as JSON has it."""
        return self.do("execute/sync", {"script": script, "args": list(args)})

    def settled(self, script, *args):
        """The same after the page has drawn what is waiting to be drawn."""
        return self.do("execute/async", {"args": list(args), "script": (
            "const done = arguments[arguments.length - 1], args = [...arguments].slice(0, -1);"
            "requestAnimationFrame(() => requestAnimationFrame(() => "
            "done((function () {" + script + "}).apply(null, args))));")})

    def find(self, selector):
        found = self.do("element", {"using": "css selector", "value": selector})
        return {ELEMENT: found[ELEMENT]}

    def click(self, selector):
        self.do(f"element/{self.find(selector)[ELEMENT]}/click")

    def type(self, text):
        """Keys, to whatever has the focus."""
        actions = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.do("actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def wheel(self, selector, x, y, delta):
        """x, y: from the middle of the element."""
        self.do("actions", {"actions": [{"type": "wheel", "id": "wheel", "actions": [
            {"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": delta,
             "origin": self.find(selector)}]}]})

    def pointer(self, selector, *places):
        """Moves to the first place; with more, presses there, moves to the others and lets go."""
        origin = self.find(selector)
        moves = [{"type": "pointerMove", "x": x, "y": y, "origin": origin} for x, y in places]
        if len(moves) > 1:
            moves.insert(1, {"type": "pointerDown", "button": 0})
            moves.append({"type": "pointerUp", "button": 0})
        self.do("actions", {"actions": [{"type": "pointer", "id": "mouse",
                                         "parameters": {"pointerType": "mouse"},
                                         "actions": moves}]})

    def log(self, kind):
        return self.do("se/log", {"type": kind})

    def console(self):
        """What the page or the browser had to say about it since the last time."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.log("browser")]

    def requests(self):
        """The addresses that were asked for since the last time."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"]

    def screenshot(self, path):
        self.save(path, self.call("GET", f"/{self.session}/screenshot"))

    def printed(self, path):
        """As PDF."""
        self.save(path, self.do("print", {"background": True}))

    @staticmethod
    def save(path, text):
        with open(path, "wb") as f:
            f.write(base64.b64decode(text))
