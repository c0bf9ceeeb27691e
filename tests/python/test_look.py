"""What a view takes and refuses, and the page's link there and back."""
import json
import os
import unittest
import urllib.parse

import numpy as np
from farlook.look import COLORMAPS, METRICS, Look, split_link

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Looks(unittest.TestCase):
    def test_names_are_those_of_the_wire(self):
        with open(os.path.join(ROOT, "proto", "colormaps.json")) as file:
            self.assertEqual(sorted(json.load(file)), sorted(COLORMAPS))
        with open(os.path.join(ROOT, "proto", "README.md")) as file:
            row = next(line for line in file if line.startswith("| | metric |"))
        self.assertEqual(row.split("|")[3].strip(), ", ".join(f'"{m}"' for m in METRICS))

    def test_points_of_every_kind_are_taken(self):
        look = Look()
        for value in [(3, 4), [3.0, 4.0], np.array([3, 4]), ("3", "4")]:
            look.reference = value
            self.assertEqual(look.reference, (3.0, 4.0))
        for value in [[(3, 4), (5, 6)], np.array([[3, 4], [5, 6]])]:
            look.reference = value
            self.assertEqual(look.reference, [(3.0, 4.0), (5.0, 6.0)])
        for value in (None, []):
            look.reference = value
            self.assertIsNone(look.reference)

    def test_what_makes_no_sense_is_refused_in_a_sentence_and_changes_nothing(self):
        point, region = r"is \(row, column\) in pixels of the picture, not ", r"A region is \(row0, "
        cases = {
            "reference": [(5, point), ((1, 2, 3), point), ("ab", point), ((1,), point),
                          ((np.nan, 1), point), ([(1, 1), (2,)], point),
                          ([(1, 1)] * 17, "There are 17 references, and 16 at most")],
            "negative": [("x", point), ([(1, 1)] * 16, "There are 17 references")],
            "pin": [(5, point), ([(1, 1), (2, 2)], point), (np.inf, point)],
            "region": [(v, region) for v in
                       (3, (1, 2, 3), (4, 4, 1, 1), ("a", 1, 2, 3), (np.nan, 1, 2, 3))],
            "stretch": [(v, "stretch is \"minmax\"") for v in
                        (None, [], "bad", 3, ("minmax", 1), ("percentile", 98, 2), ("fixed", 3, 1),
                         ("percentile", "a", "b"), ("fixed", np.nan, 1), ("percentile", 0, 101))],
            "colormap": [(v, "colormap is one of viridis") for v in ("jet", None, "fire_x", 3)],
            "opacity": [(v, "opacity is from 0 to 1, not ") for v in ("x", 2, -1, np.nan, [0.5])],
            "metric": [(v, "metric is one of angular") for v in ("sine", None, [])],
            "origin": [("max", 'origin is "zero" or "min"')],
        }
        for name, values in cases.items():
            for value, sentence in values:
                look = Look()
                look.reference, look.pin, look.stretch = (7, 8), (1, 2), ("fixed", 1, 2)
                before = dict(look.__dict__)
                with self.subTest(name=name, value=value):
                    with self.assertRaisesRegex(ValueError, f"{sentence}.*\\.$"):
                        setattr(look, name, value)
                    self.assertEqual(look.__dict__, before)

    def test_a_stretch_cannot_be_locked_where_there_is_none(self):
        class Blank(Look):
            range = None, None

        with self.assertRaisesRegex(ValueError, "no lo and hi to lock"):
            Blank().stretch = "lock"

    def there_and_back(self, look):
        text = "#v=1&" + "&".join(
            f"{k}={urllib.parse.quote(v, safe=',')}" for k, v in look._link_pairs())
        other = Look()
        other._take_pairs(split_link(text))
        self.assertEqual(other.__dict__, look.__dict__)

    def test_a_link_says_it_all(self):
        look = Look()
        self.there_and_back(look)
        look.reference, look.pin, look.metric, look.origin = (21, 33.25), (1.5, 2.5), "l2", "min"
        look.stretch, look.colormap, look.opacity = ("percentile", 2, 98), "fire_r", 0.25
        self.there_and_back(look)
        look.reference, look.negative, look.stretch = [(1, 2), (3, 4)], (5, 6), ("fixed", -0.5, 2)
        self.there_and_back(look)
        look.region = (1, 2, 30, 40)
        self.there_and_back(look)

    def test_where_the_pointer_was_is_no_reference_beside_those_that_were_set(self):
        for link, expected in [
            ("#v=1&ref=50,60&refs=2,1,1,4,3,-1", [("refs", "2,1,1,4,3,-1")]),
            ("#v=1&refs=2,1,1,4,3,1&ref=50,60", [("refs", "2,1,1,4,3,1")]),
            ("#v=1&ref=50,60&region=1,2,3,4", [("region", "1,2,3,4")]),
        ]:
            look = Look()
            look._take_pairs(split_link(link))
            self.assertEqual(look._reference_pairs(), expected)

    def test_a_link_that_makes_no_sense_changes_nothing(self):
        for link in ("", "http://127.0.0.1:8765/", "#v=2&ref=1,2", "hello", 5):
            with self.subTest(link), self.assertRaisesRegex(ValueError, "no link of a Farlook page"):
                split_link(link)
        for bad in ("ref=1", "ref=a,b", "refs=1,2,3", "refs=1,2", "region=1,2", "stretch=fixed,3,1",
                    "metric=x", "colormap=jet", "opacity=7", "pin=nan,1"):
            look = Look()
            look.reference = (7, 8)
            before = dict(look.__dict__)
            with self.subTest(bad), self.assertRaises(ValueError):
                look._take_pairs(split_link(f"#v=1&metric=l2&{bad}"))
            self.assertEqual(look.__dict__, before)
