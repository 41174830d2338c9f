"""docs/explanation/rules.md tells the truth: 71 rules, and every test that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGISTER = (ROOT / "docs" / "explanation" / "rules.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+) \| .+ \| (.+) \|$", re.MULTILINE)


def test_every_rule_is_told_once_in_order():
    """No rule is missing."""
    assert [int(number) for number, _ in ROW.findall(REGISTER)] == list(range(1, 72))


def test_every_named_test_exists():
    """A rule names a test that is there, or says why there is none."""
    missing = []
    for number, proof in ROW.findall(REGISTER):
        named = re.fullmatch(r"`([\w/.]+)(?:::(\w+))?`", proof)
        if named is None:
            assert proof.startswith(("later: ", "not part of")), f"rule {number} says neither a test nor why not"
            continue
        path = ROOT / named[1]
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if not re.search(rf"^(?:async )?def {named[2] or 'test_'}", text, re.MULTILINE):
            missing.append(f"{number}: {proof}")
    assert not missing
