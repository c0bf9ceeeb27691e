"""What can go wrong, each with one sentence that says what to do."""


class FarlookError(Exception):
    """A server's refusal, or no server: `code` is that of proto/README.md, 0 where none answered."""

    def __init__(self, message, code=0, status=0):
        super().__init__(message)
        self.code = code
        self.status = status


class LayoutError(ValueError):
    """An array whose axes are not told by its shape: never guessed."""
