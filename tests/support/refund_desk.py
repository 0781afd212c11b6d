"""A refund desk whose guards a commit removes, and the same desk in another layout."""

from collections.abc import Mapping

SCRIPT = """system:
    instructions: "You are the help desk of a shop. Never promise refunds above 50 EUR. Be friendly."
    messages:
        welcome: "Hello, how can I help?"
        error: "Something went wrong."

config:
    developer_name: "Refund_Desk"
    default_agent_user: "desk@example.com"

variables:
    verified: mutable boolean = False
        description: "Whether the customer is known"
    account: linked string
        source: @MessagingSession.AccountId

start_agent desk:
    description: "Routes the customer"
    reasoning:
        instructions: ->
            | Ask what the customer wants.
        actions:
            to_refunds: @utils.transition to @subagent.refunds
            human: @utils.escalate

subagent refunds:
    description: "Refunds orders"
    actions:
        issue_refund:
            description: "Pays money back"
            target: "flow://Issue_Refund"
            require_user_confirmation: True
            inputs:
                account: string
                    is_required: True
            outputs:
                done: boolean
        verify:
            description: "Checks who the customer is"
            target: "flow://Verify_Customer"
            outputs:
                ok: boolean
    reasoning:
        instructions: ->
            | Help with the refund.
              Always ask for the order number first.
        actions:
            check: @actions.verify
                set @variables.verified = @outputs.ok
            refund: @actions.issue_refund
                available when @variables.verified is True
                with account=@variables.account
"""
CONFIRMATION = "            require_user_confirmation: True\n"
GUARD = "                available when @variables.verified is True\n"
PROHIBITION = " Never promise refunds above 50 EUR."
REMOVED = (CONFIRMATION, GUARD, PROHIBITION)
"""What the commit deletes."""

REFORMATTED = """# The refund desk of the shop.
config:
  default_agent_user: "desk@example.com"   # runs as
  developer_name: "Refund_Desk"

variables:
  account: linked string
    source: @MessagingSession.AccountId
  verified: mutable boolean = False
    description: "Whether the customer is known"

system:
  messages:
    error: "Something went wrong."
    welcome: "Hello, how can I help?"
  instructions: |
    You are the help desk of a shop.
    Never promise refunds above 50 EUR. Be friendly.

topic refunds:
  reasoning:
    actions:
      refund: @actions.issue_refund
        with account = @variables.account
        available when (@variables.verified is True)   # known customers only

      check: @actions.verify
        set @variables.verified = @outputs.ok
    instructions: ->
      | Help with the refund.
        Always ask for the
        order number first.
  actions:
    verify:
      target: "flow://Verify_Customer"
      description: "Checks who the customer is"
      outputs:
        ok: boolean
    issue_refund:
      require_user_confirmation: True
      target: "flow://Issue_Refund"
      description: "Pays money back"
      inputs:
        account: string
          is_required: True
      outputs:
        done: boolean
  description: "Refunds orders"

start_agent desk:
  reasoning:
    actions:
      human: @utils.escalate
      to_refunds: @utils.transition to @topic.refunds
    instructions: ->
      | Ask what the customer wants.
  description: "Routes the customer"
""".replace("\n", "\r\n")
"""The same desk with other indentation, order, quotes, comments and line ends."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
_MANIFEST = """\
release: refunds-1
agents: [{name: Refund_Desk}]
components:
  actions:
    Issue_Refund: {owner: "@acme/money", impact: high, metadata: "Flow:Issue_Refund"}
  prompts:
    Refund_Reply: {metadata: "GenAiPromptTemplate:Refund_Reply"}
rollback:
  prompts: {strategy: restore}
  flows: {strategy: restore}
  actions: {strategy: restore}
environments:
  - name: uat
    prompts: [Refund_Reply]
    actions: [Issue_Refund]
  - name: production
    prompts: [Refund_Reply]
    actions: [Issue_Refund]
"""
STRONG, WEAK = "sfdc_ai__DefaultGPT4Omni", "sfdc_ai__DefaultGPT4OmniMini"
SCRIPT_FILE = "force-app/aiAuthoringBundles/Refund_Desk/Refund_Desk.agent"
PROMPT_FILE = "force-app/genAiPromptTemplates/Refund_Reply.genAiPromptTemplate-meta.xml"


def desk_files(script: str = SCRIPT, *, model: str = STRONG) -> Mapping[str, bytes]:
    """The repository: the script, its flows, a prompt, and the manifest that says which action has a high impact."""
    flow = f"{_HEAD}<Flow {_NS}><processType>AutoLaunchedFlow</processType><status>Active</status></Flow>\n"
    texts = {
        "sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}], "sourceApiVersion": "66.0"}',
        "agentforce/release.yml": _MANIFEST,
        SCRIPT_FILE: script,
        SCRIPT_FILE.replace(".agent", ".bundle-meta.xml"): (
            f"{_HEAD}<AiAuthoringBundle {_NS}><bundleType>AGENT</bundleType></AiAuthoringBundle>\n"
        ),
        PROMPT_FILE: prompt(model),
        "force-app/flows/Issue_Refund.flow-meta.xml": flow,
        "force-app/flows/Verify_Customer.flow-meta.xml": flow,
    }
    return {path: text.encode() for path, text in texts.items()}


def prompt(model: str) -> str:
    """A prompt template; its first version has the strong model, another model needs a second version."""
    models = list(dict.fromkeys([STRONG, model]))
    versions = "".join(_version(number, each) for number, each in enumerate(models, 1))
    return f"""{_HEAD}<GenAiPromptTemplate {_NS}>
    <activeVersionIdentifier>v{len(models)}</activeVersionIdentifier>
    <developerName>Refund_Reply</developerName>
    <masterLabel>Refund reply</masterLabel>
{versions}    <type>einstein_gpt__flex</type>
</GenAiPromptTemplate>
"""


def _version(number: int, model: str) -> str:
    return f"""    <templateVersions>
        <content>Write a reply. Never promise a date.</content>
        <primaryModel>{model}</primaryModel>
        <status>Published</status>
        <versionIdentifier>v{number}</versionIdentifier>
    </templateVersions>
"""


def weakened() -> str:
    """The script without its three guards."""
    text = SCRIPT
    for removed in REMOVED:
        assert text.count(removed) == 1
        text = text.replace(removed, "")
    return text


def line_of(text: str, part: str) -> int:
    """The line that a part of a text begins in, from 1."""
    return text[: text.index(part)].count("\n") + 1
