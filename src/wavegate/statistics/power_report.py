"""What packs can show before they run, as text, Markdown and JSON."""

import json
from collections.abc import Sequence
from functools import partial

from wavegate.statistics.power_values import PackPower
from wavegate.statistics.settling_report import case_words, forecast_values, settling_sentences
from wavegate.text import markdown, one_line, percent, pluralize


def power_sentences(power: PackPower) -> tuple[str, ...]:
    """What a pack can show, one sentence per line. Names from the pack are not escaped."""
    if power.forecasts:
        return settling_sentences(power)
    runs = sorted(set(power.runs.values()))
    times = f"{runs[0]} times" if len(runs) == 1 else f"{runs[0]} to {runs[-1]} times"
    times = "once" if runs == [1] else times
    waived = f" ({len(power.waived)} waived)" if power.waived else ""
    confidence = percent(power.confidence)
    shown = partial(percent, beside=power.threshold)
    sentences = [
        f"{power.suite}: {pluralize(len(power.runs), 'test')}{waived}{case_words(power)}, each run {times}: "
        f"{pluralize(power.observations, 'observation')}, "
        + (f"{_passes(power)}." if power.failures >= 0 else "too few for any result to pass."),
        f"A clean result supports a pass rate ≥ {shown(power.supports, down=True)} at {confidence} confidence.",
        *(
            f"An agent with a true pass rate of {shown(chance.rate)} passes {percent(chance.passes)} of the time."
            for chance in power.chances
        ),
    ]
    if power.needed is None:
        sentences.append("No number of runs supports a rate of 100 %.")
    elif power.supports < power.threshold:
        sentences.append(
            f"Supporting ≥ {percent(power.threshold)} takes {pluralize(power.needed, 'observation')}, all passed."
        )
    if power.advised:
        sentences.append(
            f"Recommended for the rate alone: {pluralize(power.advised.n, 'observation')} with at most "
            f"{pluralize(power.advised.max_failures, 'failure')}, "
            f"which an agent at {shown(power.chances[0].rate)} reaches at least 80 % of the time."
        )
    if power.pairs:
        sentences.append(
            f"If no run gets worse than in the baseline, {pluralize(power.pairs.overall, 'pair')} in all and "
            f"{power.pairs.per_test:,} of each test show that there is no regression."
        )
    return tuple(sentences)


def _passes(power: PackPower) -> str:
    if not power.failures:
        return "none of which may fail"
    one = power.failures_in_one_test
    in_one = f", and at most {one:,} of one test" if one is not None and one < power.failures else ""
    return f"of which at most {power.failures:,} may fail{in_one}"


def power_text(powers: Sequence[PackPower]) -> str:
    """The sentences of all packs, one per line."""
    return "\n".join(
        one_line(("  " if index else "") + sentence)
        for power in powers
        for index, sentence in enumerate(power_sentences(power))
    )


def power_markdown(powers: Sequence[PackPower]) -> str:
    """GitHub-flavoured Markdown, one list per pack."""
    lines = ["### What the packs can show", ""]
    for power in powers:
        first, *rest = power_sentences(power)
        lines += [f"- {markdown(first)}", *(f"  - {markdown(sentence)}" for sentence in rest)]
    return "\n".join([*lines, ""])


def power_json(powers: Sequence[PackPower]) -> str:
    """A JSON list with one object per pack; rates are fractions."""
    return json.dumps([power_values(power) for power in powers], indent=2, ensure_ascii=False)


def power_values(power: PackPower) -> dict[str, object]:
    """One pack's power as a JSON object; rates are fractions."""
    return {
        "suite": power.suite,
        "threshold": power.threshold,
        "confidence": power.confidence,
        "confidenceDeclared": power.declared,
        "runs": dict(power.runs),
        "cases": dict(power.cases),
        "conversations": power.conversations,
        "waived": list(power.waived),
        "observations": power.observations,
        "maxFailures": power.failures,
        "maxFailuresInOneTest": power.failures_in_one_test,
        "supports": power.supports,
        "needed": power.needed,
        "advised": power.advised and {"n": power.advised.n, "maxFailures": power.advised.max_failures},
        "pairs": power.pairs and {"overall": power.pairs.overall, "perTest": power.pairs.per_test},
        "chances": [{"rate": chance.rate, "passes": chance.passes} for chance in power.chances],
        "forecasts": [forecast_values(each, power.price) for each in power.forecasts],
    }
