"""Mutation testing: small faults are planted in the tool, one at a time, and the tests that reach the place have to notice each.

`python -m tests.mutation apply text plan` plants in these folders of `migrator/`; `--sample 40` takes that many of each module. Which tests reach a
line is recorded first (once, kept in `--record`); a fault is tried with those alone, the quickest first, until one fails. Survivors are
printed at the end: each is a missing assertion, or stands in `equivalent.toml` with the reason why no test could tell.
"""
