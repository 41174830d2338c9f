"""The one error of the local stack: what happened, and the next step. Pure."""

DOCTOR = "`holdfast doctor` says what is wrong with this machine"


class StackError(Exception):
    """The local stack cannot run; the message says why.

    Attributes:
        next_step: what the reader should do now.
    """

    def __init__(self, message: str, next_step: str = DOCTOR) -> None:
        super().__init__(message)
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.args[0]}\nNext step: {self.next_step}"
