"""Layers of a torch model, caught as they run."""
import unittest

import numpy as np

try:
    import torch
except ImportError:
    torch = None

import farlook
from farlook.arrays import to_hwc


@unittest.skipUnless(torch, "there is no torch; docker/install.sh installs it")
class Hooks(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.model = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(8, 4, 3, stride=2, padding=1),
        )
        self.picture = torch.rand(1, 3, 12, 18)

    def test_the_named_layers_are_caught_as_they_were(self):
        with farlook.hook(self.model, ["0", "2"]) as maps:
            self.model(self.picture)
        self.assertEqual(list(maps), ["0", "2"])
        # the ReLU behind layer 0 works in place: the copy keeps what is below zero
        expected = torch.nn.functional.conv2d(
            self.picture, self.model[0].weight, self.model[0].bias, padding=1)
        self.assertLess(float(expected.min()), 0)
        np.testing.assert_allclose(maps["0"].numpy(), expected.detach().numpy(), rtol=1e-6)
        self.assertFalse(maps["2"].requires_grad)
        self.assertEqual(to_hwc(maps["2"], "NCHW").shape, (6, 9, 4))

    def test_hooks_are_gone_afterwards(self):
        with farlook.hook(self.model, "2") as maps:
            self.model(self.picture)
        first = maps["2"]
        self.model(self.picture * 2)
        self.assertIs(maps["2"], first)

    def test_patterns_and_unknown_names(self):
        with farlook.hook(self.model, "[02]") as maps:
            self.model(self.picture)
        self.assertEqual(sorted(maps), ["0", "2"])
        with self.assertRaisesRegex(KeyError, 'no layer "conv1"; some that it has: 0'):
            farlook.hook(self.model, ["conv1"])

    def test_outputs_of_any_shape(self):
        class Many(torch.nn.Module):
            def __init__(self, wrap):
                super().__init__()
                self.wrap = wrap

            def forward(self, x):
                return self.wrap(x)

        class Output(dict):
            last_hidden_state = torch.ones(1, 5, 3)

        for wrap in (lambda x: x, lambda x: (x, 1), lambda x: {"a": None, "b": x},
                     lambda x: Output(), lambda x: (("a", [None]), ((x, 2), 3))):
            model = torch.nn.Sequential(Many(wrap))
            with farlook.hook(model, "0") as maps:
                model(torch.ones(1, 5, 3))
            np.testing.assert_array_equal(maps["0"].numpy(), np.ones((1, 5, 3), np.float32))
        with self.assertRaisesRegex(TypeError, 'The layer "0" returned list, in which there is no tensor'):
            model = torch.nn.Sequential(Many(lambda x: [1, 2, "ab"]))
            with farlook.hook(model, "0"):
                model(torch.ones(1))

    def test_wrong_models_and_names_are_refused_in_one_sentence(self):
        for model, layers, sentence in [
            (3, ["0"], "takes a torch model and names of its layers, not int"),
            (self.model, [self.model[0]], "by text: one name or a list"),
            (self.model, None, "by text"), (self.model, [], "by text"),
        ]:
            with self.subTest(sentence), self.assertRaisesRegex(TypeError, sentence):
                farlook.hook(model, layers)
        with self.assertRaisesRegex(KeyError, 'no layer "conv"; its only one is "", itself'):
            farlook.hook(self.model[0], "conv")

    def test_a_layer_that_did_not_run_is_told(self):
        with self.assertWarnsRegex(UserWarning, "did not run through 1, 2: nothing was caught"):
            with farlook.hook(self.model, ["0", "1", "2"]) as maps:
                self.model[0](self.picture)
        self.assertEqual(list(maps), ["0"])

    def test_a_vits_tokens_lie_as_their_patches_did(self):
        class Vit(torch.nn.Module):
            """Patches of 6 x 6 with a class token and four registers, and one block over them."""

            def __init__(self):
                super().__init__()
                self.patch = torch.nn.Conv2d(3, 16, 6, stride=6)
                self.front = torch.nn.Parameter(torch.randn(1, 5, 16))
                self.block = torch.nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)

            def forward(self, x):
                tokens = self.patch(x).flatten(2).transpose(1, 2)
                return self.block(torch.cat([self.front, tokens], 1))

        model = Vit().eval()
        with farlook.hook(model, ["patch", "block"]) as maps:
            out = model(self.picture)
        self.assertEqual(tuple(maps["block"].shape), (1, 5 + 2 * 3, 16))
        got = to_hwc(maps["block"], grid=(2, 3), skip=5)
        self.assertEqual(got.shape, (2, 3, 16))
        for row in range(2):
            for column in range(3):
                np.testing.assert_array_equal(
                    got[row, column], out[0, 5 + 3 * row + column].detach().numpy())
        np.testing.assert_array_equal(
            to_hwc(maps["patch"], "NCHW"), maps["patch"][0].permute(1, 2, 0).numpy())

    def test_tensors_that_numpy_cannot_have_are_made_plain(self):
        values = torch.randn(2, 3, 4)
        pairs = torch.view_as_complex(torch.randn(2, 3, 4, 2))
        for name, tensor, expected in [
            ("sparse", values.to_sparse(), values),
            ("negative bit", pairs.conj().imag, -pairs.imag),
            ("quantized", torch.quantize_per_tensor(values, 0.5, 0, torch.qint8),
             torch.quantize_per_tensor(values, 0.5, 0, torch.qint8).dequantize()),
        ]:
            with self.subTest(name):
                np.testing.assert_array_equal(to_hwc(tensor, "HWC"), expected.numpy())
        with self.assertRaisesRegex(TypeError, "this Tensor is none .*no data"):
            to_hwc(torch.empty(2, 3, 4, device="meta"), "HWC")

    def test_half_and_bfloat16_are_exact(self):
        values = torch.randn(1, 4, 3, 2)
        half = to_hwc(values.half(), "NCHW")
        self.assertEqual(half.dtype, np.float16)
        np.testing.assert_array_equal(half, values.half().numpy()[0].transpose(1, 2, 0))
        brain = to_hwc(values.bfloat16(), "NCHW")
        self.assertEqual(brain.dtype, np.float32)
        np.testing.assert_array_equal(brain, values.bfloat16().float().numpy()[0].transpose(1, 2, 0))

    def test_a_tensor_with_a_gradient_is_taken(self):
        self.assertEqual(to_hwc(torch.ones(2, 3, 4, requires_grad=True), "HWC").shape, (2, 3, 4))
