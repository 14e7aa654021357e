"""What is wrong with an expression, and where."""


class ExpressionError(ValueError):
    """An expression that cannot be used.

    message: what is wrong, without personal data. column: counts from 1 in the parsed text. hint: the next step.
    """

    def __init__(self, message: str, column: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.hint = hint
