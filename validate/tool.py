# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs decode-md5, which decodes streams with one GStreamer element."""

import selectors
import subprocess

# Seconds that decode-md5 gets beyond its own timeout before it counts as hung.
GRACE = 15

# Status of decode-md5 if there is no such element.
NO_ELEMENT = 3


def lacks(tool, decoder):
    """Why the element cannot be tested at all, or None."""
    try:
        run = subprocess.run([tool, "--decoder", decoder], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             check=False, timeout=120)
    except OSError as error:
        return f"{tool}: {error.strerror}"
    except subprocess.TimeoutExpired:
        return "decode-md5 hangs when it makes the element"
    if run.returncode == NO_ELEMENT:
        return run.stderr.strip().splitlines()[-1]
    return f"decode-md5 ended with status {run.returncode}" if run.returncode else None


class Tool:
    """A decode-md5 process; started again when it crashed or hung."""

    def __init__(self, path, decoder, timeout):
        self.command = [path, "--decoder", decoder, "--timeout", str(timeout)]
        self.patience = timeout + GRACE
        self.process = None

    def decode(self, path, output_format, via="", fields=""):
        """["ok", md5, frames, milliseconds] or ["error", message].

        VIA has the elements or caps before the decoder, which replace parsebin.
        FIELDS is a file for the MD5s of each frame and its fields.
        """
        if not self.process:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True)
        try:
            self.process.stdin.write(f"{path}\t{output_format}\t{via}\t{fields}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return ["error", f"crashed: decode-md5 ended with status {self.end()}"]
        # An answer is one line, written at once.
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(self.patience):
                self.process.kill()
                self.end()
                return ["error", f"hung: decode-md5 did not answer in {self.patience} s"]
        line = self.process.stdout.readline()
        # A failed assertion of GLib says "Bail out!" there, too.
        if not line.startswith(f"{path}\t"):
            return ["error", f"crashed: decode-md5 ended with status {self.end()}"]
        return line.rstrip("\n").split("\t")[1:]

    def end(self):
        """Wait for the process. Returns its status, 0 if there is no process."""
        if not self.process:
            return 0
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        status = self.process.wait()
        self.process.stdout.close()
        self.process = None
        return status

    def kill(self):
        """End the process at once."""
        if self.process:
            self.process.kill()
            self.end()
