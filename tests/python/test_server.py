"""The helper against the real server: what is pushed comes back, number by number."""
import http.server as http_server
import os
import tempfile
import threading
import unittest
from unittest import mock

import farlook
import numpy as np
from farlook import server as http
from farlook.launch import Process

rng = np.random.default_rng(3)
PICTURE = rng.integers(0, 256, (40, 60, 3), np.uint8)
FINE = rng.standard_normal((20, 30, 16)).astype(np.float32)
COARSE = rng.standard_normal((10, 15, 16)).astype(np.float16)


def angular(features, row, column):
    """1 - 2/pi acos(cosine) in float64, by the definition."""
    p = features.astype(np.float64)
    unit = p / np.linalg.norm(p, axis=2, keepdims=True)
    return 1 - 2 / np.pi * np.arccos(np.clip(unit @ unit[row, column], -1, 1))


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.process = Process(os.environ["FARLOOK_PROGRAM"])
        cls.addClassCleanup(cls.process.stop)
        cls.server = farlook.connect(cls.process.url)

    def show(self, features=None, **how):
        how.setdefault("name", self.id().rsplit(".", 1)[-1])
        maps = {"fine": FINE, "coarse": COARSE} if features is None else features
        return farlook.show(maps, PICTURE, server=self.server, **how)

    def test_similarity_is_that_of_the_definition_in_every_cell(self):
        view = self.show()
        view.reference = 21.0, 33.0  # row 10, column 16 of the fine map, 5 and 8 of the coarse
        for layer, features, at in [("fine", FINE, (10, 16)), ("coarse", COARSE, (5, 8))]:
            s = view.similarity(layer)
            self.assertEqual((s.shape, s.dtype), (features.shape[:2], np.float32))
            self.assertLess(np.abs(s - angular(features, *at)).max(), 1e-6)
            self.assertEqual(s[at], 1)
            np.testing.assert_array_equal(view.vector(layer=layer), features[at])
        np.testing.assert_array_equal(view.vector((0.5, 59.5), "fine"), FINE[0, 29])
        self.assertEqual(view.reference, (21.0, 33.0))

    def test_range_and_lock_are_equal_to_the_bit(self):
        view = self.show()
        view.reference, view.stretch = (21, 33), "minmax"
        lo, hi = view.range
        s = view.similarity()
        self.assertEqual((lo, hi), (float(s.min()), float(s.max())))
        view.stretch = "lock"
        view.reference = (1, 1)
        self.assertEqual(view.range, (lo, hi))
        self.assertEqual(view.stretch, ("fixed", lo, hi))

    def test_the_best_cells_are_found_in_the_picture(self):
        view = self.show()
        view.reference = (21, 33)
        best = view.topk(10)
        self.assertEqual(best[0], (21.0, 33.0, 1.0))
        expected = np.sort(angular(FINE, 10, 16), axis=None)[::-1][:10]
        np.testing.assert_allclose([value for *_, value in best], expected, atol=1e-6)
        for row, column, value in best:
            self.assertEqual(view.similarity()[int(row / 2), int(column / 2)], np.float32(value))

    def test_cells_without_data_are_nan_and_stay_out(self):
        holes = FINE.copy()
        holes[3, 4], holes[5, 6, 2], holes[7, 8, 1] = 0, np.nan, np.inf
        view = self.show({"holes": holes}, reference=(21, 33))
        s = view.similarity()
        self.assertEqual({tuple(at) for at in np.argwhere(np.isnan(s))}, {(3, 4), (5, 6), (7, 8)})
        self.assertEqual(view._facts("holes")["invalid"], 3)
        self.assertTrue(all(np.isfinite(view.range)))
        self.assertEqual(len(view.topk(1000)), FINE.shape[0] * FINE.shape[1] - 3)

    def test_several_references_a_region_and_a_negative_one(self):
        view = self.show()
        view.reference = [(21, 33), (1, 1)]
        both = np.maximum(angular(FINE, 10, 16), angular(FINE, 0, 0))
        self.assertLess(np.abs(view.similarity() - both).max(), 1e-6)
        view.negative = (39, 59)
        expected = both - angular(FINE, 19, 29)
        self.assertLess(np.abs(view.similarity() - expected).max(), 2e-6)
        view.region = (0, 0, 3.9, 3.9)  # cells (0, 0) to (1, 1)
        unit = FINE.astype(np.float64) / np.linalg.norm(FINE.astype(np.float64), axis=2, keepdims=True)
        mean = unit[:2, :2].mean(axis=(0, 1))
        cosine = unit @ mean / np.linalg.norm(mean)
        self.assertLess(np.abs(view.similarity() - (1 - 2 / np.pi * np.arccos(cosine))).max(), 1e-6)

    def test_a_replaced_layer_has_the_new_values_and_a_higher_rev(self):
        view = self.show(reference=(21, 33))
        before = view._facts("fine")["rev"]
        view.replace("fine", FINE * 2 + 1)
        self.assertGreater(view._facts("fine")["rev"], before)
        self.assertEqual(view._facts("fine")["rev"], view._facts("fine")["rev"])
        np.testing.assert_array_equal(view.vector(), FINE[10, 16] * 2 + 1)
        self.assertEqual(view.layers, ["fine", "coarse"])

    def test_layers_and_scenes_are_taken_away(self):
        view = self.show()
        view.remove("coarse")
        with self.assertRaisesRegex(farlook.FarlookError, "coarse") as caught:
            view.similarity("coarse")
        self.assertEqual((caught.exception.code, caught.exception.status), (4, 404))
        view.close()
        self.assertNotIn(view.scene, [scene["name"] for scene in self.server.scenes()])

    def test_a_map_of_many_pieces_arrives_whole(self):
        big = rng.standard_normal((70, 105, 40)).astype(np.float32)
        with mock.patch.object(http, "PIECE", 100_000):
            view = self.show({"big": big})
        view.reference = (20, 30)
        np.testing.assert_array_equal(view.vector(), big[35, 52])
        self.assertLess(np.abs(view.similarity() - angular(big, 35, 52)).max(), 1e-6)

    def test_a_connection_lost_between_pieces_is_taken_up_again(self):
        big = rng.standard_normal((70, 105, 4)).astype(np.float32)
        send, lost = http.Server.request, []

        def request(this, method, path, body=None, headers=None):
            if method == "PUT" and len(lost) < 2 and b"NUMPY" not in (body or b""):
                lost.append(path)
                this._connection.close()
                this._connection.sock = None
            return send(this, method, path, body, headers)

        with mock.patch.object(http, "PIECE", 30_000), \
                mock.patch.object(http.Server, "request", request):
            view = self.show({"big": big})
        self.assertEqual(len(lost), 2)
        np.testing.assert_array_equal(view.vector((20, 30)), big[35, 52])

    def test_extents_tokens_and_named_layouts(self):
        view = self.show({"half": FINE.transpose(2, 0, 1)[None]}, layout="NCHW", extent=(0, 0, 30, 40))
        self.assertEqual(view._facts("half")["extent"], [0, 0, 30, 40])
        np.testing.assert_array_equal(view.vector((21, 15.5)), FINE[10, 15])
        tokens = np.concatenate([np.zeros((5, 16), np.float32), FINE.reshape(600, 16)])[None]
        view.add("tokens", tokens, grid=(20, 30), skip=5)
        np.testing.assert_array_equal(view.vector((21, 33), "tokens"), FINE[10, 16])

    def test_snapshots_are_exact_pictures_with_their_parameters(self):
        view = self.show(reference=(21, 33))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.png")
            data = view.snapshot(path, width=120, colorbar=True)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), data)
        self.assertTrue(data.startswith(b"\x89PNG"))
        self.assertIn(b"angular", data)

    def test_the_notebook_shows_a_frame_with_the_view_in_its_address(self):
        view = self.show(reference=(21, 33), metric="cosine", stretch=("percentile", 2, 98))
        said = view._repr_html_()
        self.assertIn("<iframe", said)
        self.assertIn("data:image/png;base64,", said)
        self.assertIn(f"{self.process.url}/#v=1&amp;scene={view.scene}", said)
        self.assertIn("ref=33,21", view.url)
        self.assertIn("metric=cosine", view.url)
        self.assertIn("stretch=percentile,2.0,98.0", view.url)

    def test_every_layer_is_a_panel_and_other_pictures_stand_beside(self):
        view = self.show(reference=(21, 33))
        other = farlook.push({"fine": FINE[::-1].copy(), "x": FINE}, PICTURE[::-1].copy(),
                             name="other picture", server=self.server)
        self.assertIn("layer=fine&ref=33,21", view.url)
        self.assertIn("&layer.2=coarse", view.url)
        view.beside(other, cross=True)
        self.assertTrue(view.url.endswith(
            "&layer.2=coarse"
            f"&scene.3=other%20picture&layer.3=fine&from.3={view.scene}%2Ffine"
            f"&scene.4=other%20picture&layer.4=x&from.4={view.scene}%2Ffine"), view.url)
        for layer in [f"l{k}" for k in range(6)]:
            view.add(layer, FINE)
        self.assertIn("layer.6=", view.url)
        self.assertNotIn("layer.7=", view.url)

    def test_refusals_are_the_servers_own_sentences(self):
        view = self.show()
        for change, code in [(lambda: self.server.put(http.scene_path(view.scene, "x"), b"?", "a/b"), 7),
                             (lambda: self.server.get("api/v1/scenes/none/maps/a/frame.npy"), 4)]:
            with self.assertRaises(farlook.FarlookError) as caught:
                change()
            self.assertEqual(caught.exception.code, code)
        with self.assertRaisesRegex(farlook.FarlookError, "No Farlook server answers"):
            farlook.Server("http://127.0.0.1:9").scenes()

    def test_the_same_view_reads_another_point_and_keeps_its_own(self):
        view = self.show(reference=(21, 33))
        other = farlook.similarity(view, reference=(1, 1))
        self.assertEqual(other[0, 0], 1)
        self.assertEqual(view.reference, (21.0, 33.0))
        self.assertEqual(farlook.similarity(view)[10, 16], 1)


    def test_names_with_blanks_and_in_any_script_arrive_and_others_are_refused(self):
        for name in ("a b", "Küste Ω \U0001f30a", "100%", "a%2Fb", "q?x=1#f", "a+b&c=d", 7):
            with self.subTest(name):
                view = farlook.push({name: FINE}, PICTURE, name=name, server=self.server)
                np.testing.assert_array_equal(view.vector((1, 1), str(name)), FINE[0, 0])
                self.assertTrue(view.snapshot().startswith(b"\x89PNG"))
                self.assertIn(str(name), [scene["name"] for scene in self.server.scenes()])
                view.restore(view.url)
                view.close()
        before = len(self.server.scenes())
        for name in ("", "..", ".up", "a/b", "x" * 121, "new\nline", "\ud800", None):
            for how in [dict(features=FINE, name=name), dict(features={name: FINE}, name="layer")][
                    : 1 if name is None else 2]:
                with self.subTest(name), self.assertRaisesRegex(
                        ValueError, r"^A (scene|layer)'s name is 1 to 120 bytes .*\.$"):
                    farlook.push(**how, image=PICTURE, server=self.server)
        self.assertEqual(len(self.server.scenes()), before)

    def test_nothing_is_sent_where_a_part_of_it_is_wrong(self):
        for features, error, sentence in [
            ({"a": FINE, "b": FINE[0]}, farlook.LayoutError, 'The layer "b": A feature map has 3 axes'),
            ({"a": FINE, "b": None}, TypeError, 'The layer "b": .*NoneType'),
            ([FINE, FINE[:3]], farlook.LayoutError, 'The layer "1": '),
            (np.stack([FINE, FINE])[..., :3], farlook.LayoutError, "^This is a batch of 2 pictures"),
        ]:
            with self.subTest(sentence), self.assertRaisesRegex(error, sentence):
                farlook.push(features, PICTURE, name="partial", layout="NHWC" if "batch" in sentence
                             else None, server=self.server)
        self.assertNotIn("partial", [scene["name"] for scene in self.server.scenes()])

    def test_a_list_of_hidden_states_becomes_layers(self):
        view = self.show([FINE, FINE[::-1]])
        self.assertEqual(view.layers, ["0", "1"])
        np.testing.assert_array_equal(view.vector((1, 1), "1"), FINE[19, 0])

    def test_an_archive_where_one_map_is_wanted_is_never_its_first_array(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "two.npz")
            np.savez(path, first=FINE, second=FINE)
            with self.assertRaisesRegex(farlook.FarlookError, r"two.npz holds 2 maps \(first, second\); "):
                self.show({"net": path})
            self.assertEqual(self.show(path).layers, ["first", "second"])

    def test_the_scenes_own_picture_tells_the_layout_where_none_is_sent(self):
        view = self.show()
        again = farlook.push({"tall": FINE.transpose(2, 0, 1)}, name=view.scene, server=self.server)
        np.testing.assert_array_equal(again.vector((1, 1)), FINE[0, 0])

    def test_several_references_have_no_vector_of_their_own(self):
        view = self.show(reference=[(1, 1), (39, 59)])
        with self.assertRaisesRegex(ValueError, "say at which point"):
            view.vector()
        np.testing.assert_array_equal(view.vector((39, 59)), FINE[19, 29])
        view.region = (0, 0, 4, 4)
        with self.assertRaisesRegex(ValueError, "say at which point"):
            view.vector()
        view.region = None
        np.testing.assert_array_equal(view.vector(), FINE[10, 15])  # the centre

    def test_a_map_without_any_data_is_shown_as_that(self):
        view = self.show({"blank": FINE * np.nan})
        self.assertTrue(np.isnan(view.similarity()).all())
        self.assertEqual((view.range, view.topk()), ((None, None), []))
        with self.assertRaisesRegex(ValueError, "no lo and hi to lock"):
            view.stretch = "lock"
        self.assertIn("<iframe", view._repr_html_())

    def test_a_link_of_the_page_brings_back_what_was_done_there(self):
        view = self.show()
        origin = self.process.url
        view.restore(f"{origin}/#v=1&scene={view.scene}&layer=fine&ref=33,21&pin=1,39&mode=similarity"
                     "&metric=cosine&origin=zero&stretch=percentile,2,98&colormap=fire&opacity=0.4"
                     "&picture=grey&order=share&layer.2=coarse&active=2")
        self.assertEqual((view.reference, view.pin, view.layer), ((21, 33), (39, 1), "coarse"))
        self.assertEqual((view.metric, view.stretch), ("cosine", ("percentile", 2, 98)))
        self.assertEqual((view.colormap, view.opacity), ("fire", 0.4))
        np.testing.assert_array_equal(view.vector(), COARSE[5, 8].astype(np.float32))
        np.testing.assert_array_equal(view.vector(view.pin), COARSE[9, 0].astype(np.float32))
        self.assertEqual(view.similarity().shape, COARSE.shape[:2])
        self.assertTrue(view.url.endswith("&active=2"))
        again = farlook.View(self.server, view.scene, view.layers)
        again.restore(view.url)
        self.assertEqual(again.fragment, view.fragment)
        before = view.fragment
        for link, sentence in [("#v=1&scene=other&layer=fine", 'shows the scene "other", and this view'),
                               (f"#v=1&scene={view.scene}&layer=gone", 'shows a layer "gone"'),
                               (f"#v=1&scene={view.scene}&layer=fine&ref=1", "The reference is"),
                               ("http://127.0.0.1/", "no link of a Farlook page")]:
            with self.subTest(sentence), self.assertRaisesRegex(ValueError, sentence):
                view.restore(link)
            self.assertEqual(view.fragment, before)
        view.remove("coarse")
        self.assertEqual(view.layer, "fine")
        with self.assertRaisesRegex(ValueError, 'no layer "coarse"; it has fine'):
            view.layer = "coarse"

    def test_extents_that_are_none_are_refused(self):
        for extent in ((0, 0, 10), (5, 5, 1, 1), "abcd", 5, (0, 0, np.nan, 3)):
            with self.subTest(extent), self.assertRaisesRegex(ValueError, r"^extent is \(x0, y0, x1, y1\)"):
                self.show({"part": FINE}, extent=extent, name="extents")
        self.assertNotIn("extents", [scene["name"] for scene in self.server.scenes()])


class Torch(unittest.TestCase):
    def test_a_networks_layers_from_hook_to_numbers(self):
        try:
            import torch
        except ImportError:
            self.skipTest("there is no torch; docker/install.sh installs it")
        torch.manual_seed(4)
        model = torch.nn.Sequential(
            torch.nn.Conv2d(3, 16, 3, stride=2, padding=1), torch.nn.ReLU(),
            torch.nn.Conv2d(16, 32, 3, stride=2, padding=1),
        ).bfloat16()
        process = Process(os.environ["FARLOOK_PROGRAM"])
        self.addCleanup(process.stop)
        with farlook.hook(model, ["0", "2"]) as maps:
            model(torch.from_numpy(PICTURE.transpose(2, 0, 1)[None] / 255.0).bfloat16())
        view = farlook.show(maps, PICTURE, layout="NCHW", name="net", server=process.url)
        self.assertEqual(view.layers, ["0", "2"])
        expected = maps["2"].float().numpy()[0].transpose(1, 2, 0)
        view.reference = (20, 30)
        np.testing.assert_array_equal(view.vector(layer="2"), expected[5, 7])
        s = view.similarity("2")
        self.assertLess(np.abs(s - angular(expected, 5, 7)).max(), 1e-6)


class Other(http_server.BaseHTTPRequestHandler):
    """A web server that is not Farlook's."""

    said = b"<html>"

    def do_GET(self):
        if self.command == "PUT":
            self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.said)))
        self.end_headers()
        self.wfile.write(self.said)

    do_PUT = do_GET

    def log_message(self, *_):
        pass


class Absent(unittest.TestCase):
    def test_a_server_that_ends_between_calls_is_told_and_another_may_come(self):
        process = Process(os.environ["FARLOOK_PROGRAM"])
        self.addCleanup(process.stop)
        view = farlook.push(FINE, PICTURE, name="net", server=process.url)
        self.assertEqual(view.similarity().shape, (20, 30))
        process.stop()
        for call in (view.similarity, view.topk, view.vector, view.snapshot, view.close,
                     lambda: view.add("x", FINE), lambda: farlook.push(FINE, PICTURE, server=process.url)):
            with self.assertRaisesRegex(farlook.FarlookError, f"^No Farlook server answers at {process.url} "
                                        r"\(.*\); start one with farlook-server --upload-dir .*\.$"):
                call()
        self.assertIn("<iframe", view._repr_html_())  # the notebook's page stays as it is
        again = Process(os.environ["FARLOOK_PROGRAM"])
        self.addCleanup(again.stop)
        view.server = farlook.connect(again.url)  # the same view, once there is a server again
        view.add("map", FINE, layout="HWC")
        np.testing.assert_array_equal(view.vector((0.5, 0.5)), FINE[0, 0])

    def test_another_program_at_the_address_is_told(self):
        server = http_server.HTTPServer(("127.0.0.1", 0), Other)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}"
        for said in (b"<html>", b"[]", b"{}", b"null", b"\xff"):
            with self.subTest(said), mock.patch.object(Other, "said", said):
                for call in (lambda: farlook.connect(url).scenes(),
                             lambda: farlook.push(FINE, name="x", layout="HWC", server=url)):
                    with self.assertRaisesRegex(farlook.FarlookError, f"answers at {url} is no Farlook server"):
                        call()

    def test_an_address_that_is_none_is_told(self):
        for url in ("127.0.0.1:1", "ftp://x", "http://", "http://127.0.0.1:99999", 5):
            with self.subTest(url), self.assertRaisesRegex(ValueError, "^A server is named like .*, not "):
                farlook.connect(url)

    def test_a_program_that_cannot_be_started_is_told(self):
        for program, why in [("/nonexistent/farlook", "No such file"), ("/", "Permission denied")]:
            with self.assertRaisesRegex(farlook.FarlookError, f"^{program} cannot be started \\({why}"):
                Process(program)


class Finding(unittest.TestCase):
    def test_a_server_of_ones_own_is_started_once_and_ended(self):
        with mock.patch("farlook.launch._started", None):
            first, second = farlook.start(), farlook.start()
            self.assertEqual(first, second)
            from farlook import launch
            process = launch._started
            folder = process._folder
            self.assertTrue(os.path.isdir(folder))
            process.stop()
            self.assertIsNotNone(process._process.poll())
            self.assertFalse(os.path.exists(folder))

    def test_without_the_program_it_says_what_to_do(self):
        with mock.patch.dict(os.environ, {"PATH": "/nonexistent"}), \
                mock.patch("farlook.launch._started", None):
            os.environ.pop("FARLOOK_PROGRAM")
            with self.assertRaisesRegex(farlook.FarlookError, "no farlook-server on PATH"):
                farlook.start()

    def test_a_program_that_does_not_start_is_told_with_its_own_words(self):
        with self.assertRaisesRegex(farlook.FarlookError, "did not start: .*--upload-dir|usage|option"):
            Process(os.environ["FARLOOK_PROGRAM"], ["--no-such-option"])

    def test_the_browsers_address_behind_proxies(self):
        from farlook.notebook import browser_url, jupyter_server
        cases = [
            ({}, "http://127.0.0.1:8765", "http://127.0.0.1:8765/"),
            ({"FARLOOK_PROXY_URL": "https://hub/user/me/proxy/%PORT%"}, "http://127.0.0.1:81",
             "https://hub/user/me/proxy/81/"),
            ({"JUPYTERHUB_SERVICE_PREFIX": "/user/me/"}, "http://127.0.0.1:81", "/user/me/proxy/81/"),
            ({"JUPYTERHUB_SERVICE_PREFIX": "/user/me/"}, "https://box/far", "https://box/far/"),
            ({"FARLOOK_PROXY": "1"}, "http://localhost:81/", "/proxy/81/"),
        ]
        for environment, server, wanted in cases:
            with self.subTest(environment), mock.patch.dict(os.environ, environment):
                self.assertEqual(browser_url(server), wanted)
        self.assertIn("127.0.0.1:{port}", jupyter_server()["command"])

    def test_threads_may_each_have_a_server(self):
        process = Process(os.environ["FARLOOK_PROGRAM"])
        self.addCleanup(process.stop)
        wrong = []

        def work(at):
            try:
                features = np.full((4, 6, 3), at + 1.0, np.float32)
                view = farlook.push({"m": features}, name=f"t{at}", layout="HWC", server=process.url)
                np.testing.assert_array_equal(view.vector((1, 1)), features[1, 1])
            except Exception as error:
                wrong.append(error)

        threads = [threading.Thread(target=work, args=(at,)) for at in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
