"""``helios`` as PyInstaller starts it: the same door as ``python -m helios_desktop``."""

import sys

from helios_desktop.__main__ import main

sys.exit(main())
