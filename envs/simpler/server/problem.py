"""What a caller is told when something cannot be done: a code of pumice's list, what was expected and what came, and what to do."""


class Problem(Exception):
    def __init__(self, code: str, message: str, hint: str = ""):
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint

    def body(self) -> dict:
        return {"code": self.code, "message": self.message, "hint": self.hint}
