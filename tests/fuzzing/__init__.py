"""Coverage-guided fuzzing of what strangers may write: SMTP sessions, addresses, parameters, numbers.

`python -m tests.fuzzing --seconds 60` lets libFuzzer (atheris) look for so long at each of `targets`; what it finds it
leaves beside its corpus, and `python -m tests.fuzzing --again FILE --target NAME` shows it again.
"""
