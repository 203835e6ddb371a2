"""INSTALLATION -> FINDINGS: every library that Helios is built on, imported and used once. ``helios --check``.

It needs no network, no library of photos and no rights but those of a temporary folder, in which everything happens. What
``helios doctor`` asks of one person's library is another question; both answer with ``Finding``.
"""
