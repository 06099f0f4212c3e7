"""Runs a command at a terminal of its own, presses a key once a text has been shown, and prints all that was shown."""
import os
import pty
import sys

wanted, key, *command = sys.argv[1:]
shown = b""
pid, terminal = pty.fork()
if pid == 0:
    os.environ["NO_COLOR"] = "1"
    os.execvp(command[0], command)
pressed = False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if not pressed and wanted.encode() in shown:
        pressed = True
        os.write(terminal, key.encode())
os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
