"""What a caller is told when there is no answer: OpenAI's error body, with what was expected, what came and what to do."""


class Refusal(Exception):
    """An answer that is not given. `param` names the field at fault, in quotes in the message too, since clients look for it there."""

    def __init__(self, status: int, kind: str, message: str, param: str | None = None, retry_after_s: int | None = None):
        super().__init__(message)
        self.status, self.kind, self.message, self.param = status, kind, message, param
        self.headers = {"Retry-After": str(retry_after_s)} if retry_after_s else {}
        if status == 401:
            self.headers["WWW-Authenticate"] = "Bearer"

    def body(self) -> dict:
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.status}}


def invalid(message: str, param: str | None = None) -> Refusal:
    return Refusal(400, "invalid_request_error", message, param)
