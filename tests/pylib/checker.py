"""Counts what is not as it should be."""


class Checker:
    def __init__(self):
        self.failures = 0

    def equal(self, what, got, want):
        if got != want:
            self.failures += 1
            print('%s: %r, not %r' % (what, got, want))
