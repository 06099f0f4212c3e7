"""From tokens to text as they come: no half characters, no half stop text, and with each piece the tokens that it is of."""

# Tokens before the new ones that they are read with: a tokenizer drops a space where a text begins.
CONTEXT = 6
BROKEN = "\ufffd"


class Speech:
    def __init__(self, tokenizer, prompt_ids: list[int], stops: list[str], keeps_stop: bool):
        self.is_stopped = False
        self.count = 0
        self._tokenizer = tokenizer
        self._ids = list(prompt_ids)
        self._read = len(self._ids)
        self._stops, self._keeps_stop = stops, keeps_stop
        self._held = ""
        self._held_ids: list[int] = []

    def hear(self, token: int) -> tuple[str, list[int]]:
        """@returns what can be said now: nothing while a character or a stop text may be under way."""
        self.count += 1
        self._ids.append(token)
        self._held_ids.append(token)
        text = self._unread()
        if text.endswith(BROKEN):
            return "", []
        self._take(text)
        return self._give(len(self._held) - self._half_stop())

    def finish(self) -> tuple[str, list[int]]:
        """@returns the rest, half characters too."""
        self._take(self._unread())
        return self._give(len(self._held))

    def _unread(self) -> str:
        start = max(0, self._read - CONTEXT)
        return self._decode(self._ids[start:])[len(self._decode(self._ids[start : self._read])) :]

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _take(self, text: str) -> None:
        self._held += text
        self._read = len(self._ids)

    def _give(self, count: int) -> tuple[str, list[int]]:
        found = [(self._held.index(stop), len(stop)) for stop in self._stops if stop in self._held]
        if found:
            at, size = min(found)
            self.is_stopped = True
            text, self._held = self._held[: at + size if self._keeps_stop else at], ""
        else:
            text, self._held = self._held[:count], self._held[count:]
        if not text and self._held:
            return "", []
        ids, self._held_ids = self._held_ids, []
        return text, ids

    def _half_stop(self) -> int:
        """How much of the end may be the beginning of a stop text."""
        sizes = (size for stop in self._stops for size in range(1, len(stop)) if self._held.endswith(stop[:size]))
        return max(sizes, default=0)
