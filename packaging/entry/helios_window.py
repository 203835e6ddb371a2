"""``helios-desktop`` as PyInstaller starts it on Windows and macOS, where a window needs a program without a terminal."""

import sys

from helios_desktop.__main__ import DECODE_WORKER_VERB, desktop, main

arguments = sys.argv[1:]
sys.exit(main(arguments) if arguments[:1] == [DECODE_WORKER_VERB] else desktop(arguments))
