#!/usr/bin/env python3
"""Runs tests/python: usage: run.py [farlook-server]; the last line is `N passed, N failed, N skipped`."""
import os
import sys
import unittest

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
sys.path[:0] = [os.path.join(root, "client", "python"), here]
os.environ["FARLOOK_PROGRAM"] = os.path.abspath(
    sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "build/dev/farlook-server")
)
# Whoever runs the tests may have a server of their own: it is left alone.
for name in ("FARLOOK_SERVER", "FARLOOK_TOKEN", "FARLOOK_PROXY_URL", "FARLOOK_PROXY",
             "JUPYTERHUB_SERVICE_PREFIX"):
    os.environ.pop(name, None)

suite = unittest.defaultTestLoader.discover(here, "test_*.py")
result = unittest.TextTestRunner(sys.stdout, verbosity=2).run(suite)
failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
for _, why in result.skipped:
    print(f"SKIPPED {why}")
print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, "
      f"{len(result.skipped)} skipped")
sys.exit(failed > 0 or result.testsRun == 0)
