#!/usr/bin/env python3
"""Counts a ctest run: usage: ctest_counts.py JUNIT.xml

A unit program names each of its tests on a line of its own (`test_...`), so a program that passed
counts as many tests as it named, at least one. Lines that begin with SKIPPED count as skipped.
What failed is printed; the last line is `N passed, N failed, N skipped`.
"""
import re
import sys
import xml.etree.ElementTree as xml


def main():
    passed = failed = skipped = 0
    for case in xml.parse(sys.argv[1]).getroot().iter("testcase"):
        said = case.findtext("system-out") or ""
        name = case.get("name")
        skips = re.findall(r"^SKIPPED.*", said, re.M)
        if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
            print(f"SKIPPED {name}: {skips[0][8:].strip() if skips else 'the whole program'}")
        elif case.find("failure") is not None or case.get("status") != "run":
            failed += 1
            failure = case.find("failure")
            why = failure.get("message", "") if failure is not None else case.get("status")
            print(f"FAILED {name} after {case.get('time')} s: {why}\n{said[-4000:]}")
        else:
            tests = len(re.findall(r"^test_\w+$", said, re.M))
            passed += max(1, tests - len(skips))
            skipped += len(skips)
            for line in skips:
                print(f"SKIPPED {name}: {line[8:].strip()}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed != 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
