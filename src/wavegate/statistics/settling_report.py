"""What a pack that runs until it is settled can show, as text and JSON."""

from functools import partial

from wavegate.release.manifest import Price
from wavegate.statistics.power_values import Forecast, PackPower
from wavegate.statistics.settling import MINUTES_A_RUN, RUNS_AT_ONCE
from wavegate.text import percent, pluralize


def settling_sentences(power: PackPower) -> tuple[str, ...]:
    """What such a pack can show, one sentence per line. Names from the pack are not escaped."""
    waived = f" ({len(power.waived)} waived)" if power.waived else ""
    most = max(power.runs.values())
    shown = partial(percent, beside=power.threshold)
    proof = (
        f"{pluralize(power.needed or 0, 'observation')} without a failure show a pass rate "
        f"≥ {percent(power.threshold)} at {percent(power.confidence)} confidence, at any look."
    )
    return (
        f"{power.suite}: {pluralize(len(power.runs), 'test')}{waived}{case_words(power)}, "
        f"run in waves until settled, at most {pluralize(most, 'time')}: "
        f"up to {pluralize(power.observations, 'observation')}"
        + ("." if power.failures >= 0 else ", too few for any result to pass."),
        proof,
        *(_forecast(each, power.price, shown(each.rate)) for each in power.forecasts),
        f"Assumed: a run takes {pluralize(MINUTES_A_RUN, 'minute')}, and {RUNS_AT_ONCE} run at once.",
    )


def case_words(power: PackPower) -> str:
    """How many cases the tests have, if that is known of any."""
    if not power.cases:
        return ""
    unknown = len(power.runs) - len(power.cases)
    assumed = f" ({pluralize(unknown, 'test')} assumed to have one)" if unknown else ""
    return f" of {pluralize(sum(power.cases.values()) + unknown, 'case')}{assumed}"


def _forecast(forecast: Forecast, price: Price | None, rate: str) -> str:
    cost = f", {price.of(forecast.observations)}" if price else ""
    return (
        f"An agent with a true pass rate of {rate} passes {_share(forecast.passes)} of the time, fails "
        f"{_share(forecast.fails)}, and ends inconclusive {_share(forecast.undecided)}: on average "
        f"{forecast.runs:,.1f} runs per case ({forecast.observations:,.0f} conversations), "
        f"{forecast.minutes:,.0f} minutes{cost}."
    )


def _share(probability: float) -> str:
    """A probability in percent, to one decimal."""
    if 0 < probability < 0.0005:
        return "under 0.1 %"
    return "over 99.9 %" if 0.9995 < probability < 1 else percent(round(probability, 3))


def forecast_values(forecast: Forecast, price: Price | None) -> dict[str, object]:
    """A forecast as a JSON object; rates and probabilities are fractions. cost: null without a price."""
    return {
        "rate": forecast.rate,
        "passes": forecast.passes,
        "fails": forecast.fails,
        "inconclusive": forecast.undecided,
        "runs": forecast.runs,
        "conversations": forecast.observations,
        "minutes": forecast.minutes,
        "cost": price and price.amount * forecast.observations,
        "currency": price and price.currency,
    }
