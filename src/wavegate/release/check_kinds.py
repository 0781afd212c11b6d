"""The kinds of checks in a test's results, and which of them count for a test of a pack."""

from wavegate.release.pack import PackTest, TestKind

_JUDGED = frozenset(
    {
        # Testing Center and Agentforce Studio
        *("outcome", "completeness", "coherence", "conciseness", "instruction-following", "task-resolution"),
        # promptfoo
        *("answer-relevance", "context-faithfulness", "context-recall", "context-relevance", "factuality", "g-eval"),
        *("conversation-relevance", "llm-rubric", "model-graded-closedqa", "model-graded-factuality", "pi"),
        *("search-rubric", "select-best", "similar", "similar:cosine", "similar:dot", "similar:euclidean"),
        "trajectory:goal-success",
    }
)
"""Quality as a language model judges it: it calls a correct refusal incomplete, and may change its mind."""
_COMPUTED = frozenset(
    {
        *("topic", "actions", "handoff", "latency", "string-comparison", "numeric-comparison"),
        *("bleu", "classifier", "contains", "contains-all", "contains-any", "contains-html", "contains-json"),
        *("contains-sql", "contains-xml", "cost", "equals", "finish-reason", "gleu", "guardrails", "human"),
        *("icontains", "icontains-all", "icontains-any", "is-html", "is-json", "is-refusal", "is-sql"),
        *("is-valid-function-call", "is-valid-openai-function-call", "is-valid-openai-tools-call", "is-xml"),
        *("javascript", "levenshtein", "max-score", "meteor", "moderation", "perplexity", "perplexity-score"),
        *("python", "regex", "rouge-n", "ruby", "score", "skill-used", "starts-with", "tool-call-f1"),
        *("trace-error-spans", "trace-span-count", "trace-span-duration", "trajectory:step-count"),
        *("trajectory:tool-args-match", "trajectory:tool-sequence", "trajectory:tool-used", "webhook"),
        "word-count",
    }
)
_NOT = "not-"
_NAMESPACE = "promptfoo:"
"""Prefix of the assertions of promptfoo's plugins, whose names it does not list."""

POLICIES = "policies"
"""The kind of check of the pack's own policies, which a smoke run checks on transcripts. It always counts."""
KNOWN = tuple(sorted(_JUDGED | _COMPUTED))
"""Kinds that the readers name: those of Salesforce's evaluations, and the assertion types of promptfoo.

Source: npm @salesforce/agents 2.3.1 (test results), promptfoo's `AssertionTypeSchema` (src/types/index.ts).
"""


def is_known(kind: str) -> bool:
    """Whether a reader may name this kind. Custom evaluations may have other names too, which always count."""
    return kind.removeprefix(_NOT) in KNOWN or kind.removeprefix(_NOT).startswith(_NAMESPACE)


def counts(test: PackTest, kind: str) -> bool:
    """Whether a check of this kind counts for the test.

    Without `checks` every kind counts for answer-quality. For action-safety every kind counts but the known
    judgements of a language model: leaving out what is unknown could turn a failure into a pass.
    """
    if kind == POLICIES:
        return True
    if test.checks is not None:
        return kind in test.checks
    return test.kind is not TestKind.ACTION_SAFETY or kind.removeprefix(_NOT) not in _JUDGED
