"""Feature maps out of a running torch model, by forward hooks; torch itself is never imported."""

import difflib
import fnmatch
import warnings


def _tensor_of(output, depth=0):
    """The first tensor in whatever a module returns: a tensor, a transformers output, nested tuples and
    dicts; None where there is none."""
    if hasattr(output, "detach"):
        return output
    hidden = getattr(output, "last_hidden_state", None)
    if hidden is not None:
        return hidden
    values = output.values() if hasattr(output, "values") else output
    if depth > 4 or isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        return None
    found = (_tensor_of(value, depth + 1) for value in values)
    return next((tensor for tensor in found if tensor is not None), None)


class hook:
    """Context manager: what the named layers gave in the last forward pass, as a dict.

        with farlook.hook(model, ["layer2", "layer3"]) as maps:
            model(picture)
        farlook.show(maps, image)

    Names are those of model.named_modules(); `layer*` takes all that match. Values are copies, so
    an in-place activation behind a layer does not change them.
    """

    def __init__(self, model, layers):
        if not hasattr(model, "named_modules"):
            raise TypeError(
                f"hook() takes a torch model and names of its layers, not {type(model).__name__}."
            )
        self._modules = dict(model.named_modules())
        layers = [layers] if isinstance(layers, str) else layers
        if not layers or not all(isinstance(wanted, str) for wanted in layers):
            raise TypeError(
                "Layers are named as model.named_modules() names them, by text: one name or a list."
            )
        self._names = []
        for wanted in layers:
            self._names += [n for n in self._find(wanted) if n not in self._names]
        self._handles = []
        self.maps = {}

    def _find(self, wanted):
        if wanted in self._modules:
            return [wanted]
        found = fnmatch.filter(self._modules, wanted) if any(c in wanted for c in "*?[") else []
        if not found:
            near = difflib.get_close_matches(wanted, self._modules, 3) or list(self._modules)[1:6]
            has = f'some that it has: {", ".join(near)}' if near else 'its only one is "", itself'
            raise KeyError(f'The model has no layer "{wanted}"; {has}.')
        return found

    def __enter__(self):
        self.maps.clear()
        for name in self._names:
            self._handles.append(self._modules[name].register_forward_hook(self._keep(name)))
        return self.maps

    def _keep(self, name):
        def keep(_module, _inputs, output):
            tensor = _tensor_of(output)
            if tensor is None:
                raise TypeError(
                    f'The layer "{name}" returned {type(output).__name__}, in which there is no '
                    "tensor; name another one."
                )
            self.maps[name or "model"] = tensor.detach().clone()

        return keep

    def __exit__(self, kind, *_):
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        idle = [name for name in self._names if (name or "model") not in self.maps]
        if idle and kind is None:
            warnings.warn(
                f'The model did not run through {", ".join(idle)}: nothing was caught there.',
                stacklevel=2,
            )
