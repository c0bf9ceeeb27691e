"""Feature maps out of a running torch model, by forward hooks; torch itself is never imported."""

import difflib
import fnmatch


def _tensor_of(output):
    """The tensor in whatever a module returns: a tensor, a tuple, a dict, a transformers output."""
    if hasattr(output, "detach"):
        return output
    hidden = getattr(output, "last_hidden_state", None)
    if hidden is not None:
        return hidden
    values = output.values() if hasattr(output, "values") else output
    if isinstance(values, (list, tuple)) or hasattr(values, "__iter__"):
        for value in values:
            if hasattr(value, "detach"):
                return value
    raise TypeError(f"A layer returned {type(output).__name__}, in which there is no tensor.")


class hook:
    """Context manager: what the named layers gave in the last forward pass, as a dict.

        with farlook.hook(model, ["layer2", "layer3"]) as maps:
            model(picture)
        farlook.show(maps, image)

    Names are those of model.named_modules(); `layer*` takes all that match. Values are copies, so
    an in-place activation behind a layer does not change them.
    """

    def __init__(self, model, layers):
        self._modules = dict(model.named_modules())
        self._names = []
        for wanted in [layers] if isinstance(layers, str) else layers:
            self._names += [n for n in self._find(wanted) if n not in self._names]
        self._handles = []
        self.maps = {}

    def _find(self, wanted):
        if wanted in self._modules:
            return [wanted]
        found = fnmatch.filter(self._modules, wanted) if any(c in wanted for c in "*?[") else []
        if not found:
            near = difflib.get_close_matches(wanted, self._modules, 3) or list(self._modules)[1:6]
            raise KeyError(
                f'The model has no layer "{wanted}"; some that it has: {", ".join(near)}.'
            )
        return found

    def __enter__(self):
        self.maps.clear()
        for name in self._names:
            self._handles.append(self._modules[name].register_forward_hook(self._keep(name)))
        return self.maps

    def _keep(self, name):
        def keep(_module, _inputs, output):
            self.maps[name or "model"] = _tensor_of(output).detach().clone()

        return keep

    def __exit__(self, *_):
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
