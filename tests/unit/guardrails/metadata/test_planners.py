"""Agents in planner bundles: what their topics offer, when, with which inputs, and what is not understood."""

import json

from tests.support.rails import LINK, PLANNER, action, desk_of, planner, rails_of, tool_of, topic
from tests.support.sources import xml

from wavegate.findings.finding import Location
from wavegate.guardrails.conditions.expression import AtReference, Binary, Chosen, Literal, Opaque
from wavegate.guardrails.model import AgentSource, ToolKind, VariableKind

RULE = """<ruleExpressions><conditions><leftOperand>memberOk</leftOperand><leftOperandType>Variable</leftOperandType>
<operator>equal</operator><rightOperandValue>true</rightOperandValue></conditions>
<expressionName>Known_Member</expressionName><expressionType>sel</expressionType></ruleExpressions>"""


def assigned(target: str, kind: str, rule: str = "Known_Member") -> str:
    return (
        f"<ruleExpressionAssignments><ruleExpressionName>{rule}</ruleExpressionName><targetName>{target}</targetName>"
        f"<targetType>{kind}</targetType></ruleExpressionAssignments>"
    )


def rule(name: str, operator: str, value: str = "", operand: str = "memberOk", kind: str = "Variable") -> str:
    right = f"<rightOperandValue>{value}</rightOperandValue>" if value else ""
    return (
        f"<ruleExpressions><conditions><leftOperand>{operand}</leftOperand><leftOperandType>{kind}</leftOperandType>"
        f"<operator>{operator}</operator>{right}</conditions><expressionName>{name}</expressionName></ruleExpressions>"
    )


def test_a_topic_has_its_actions_confirmations_and_instructions_without_the_ids_of_an_org() -> None:
    fines = topic(
        "Fines_16j000000000001AAA",
        action("Waive_Fine_179000000000001AAA", body="<isConfirmationRequired>true</isConfirmationRequired>")
        + "<localDeveloperName>Fines</localDeveloperName><scope>Only help with fines.</scope>"
        + "<genAiPluginInstructions><description>Never waive over 20 EUR.</description></genAiPluginInstructions>",
        "Waive_Fine_179000000000001AAA",
    )
    model = desk_of(planner(fines))
    assert (model.source, model.start) == (AgentSource.PLANNER, "")
    (found,) = model.topics
    (waive,) = found.actions
    assert (found.name, waive.name, waive.target) == ("Fines", "Waive_Fine", "flow://Waive_Fine")
    assert waive.confirmed
    assert [each.text for each in found.instructions] == ["Only help with fines.", "Never waive over 20 EUR."]


def test_what_is_not_linked_is_not_offered() -> None:
    unlinked = topic("Fines", action("Waive_Fine")).replace("localTopicLinks", "description")
    assert desk_of(planner(unlinked)).topics == ()
    assert desk_of(planner(topic("Fines", action("Waive_Fine")))).topics[0].tools == ()


def test_a_rule_guards_the_actions_of_its_topic_and_one_action() -> None:
    body = topic("Fines", action("Waive") + action("Show"), "Waive", "Show") + RULE + assigned("Fines", "Plugin")
    model = desk_of(planner(body))
    guard = tool_of(model, "Fines", "Waive").guard
    assert guard
    assert guard.condition == Binary(
        operator="==", left=AtReference(space="variables", name="memberOk"), right=Literal(value=True)
    )
    assert tool_of(model, "Fines", "Show").guard == guard
    alone = desk_of(planner(body.replace(assigned("Fines", "Plugin"), assigned("Fines.Waive", "PluginFunction"))))
    assert tool_of(alone, "Fines", "Waive").guard
    assert tool_of(alone, "Fines", "Show").guard is None


def test_the_rules_of_a_topic_and_of_its_action_must_both_hold() -> None:
    body = topic("Fines", action("Waive"), "Waive") + RULE + rule("Few", "lessThan", "3", "tries")
    both = assigned("Fines", "Plugin") + assigned("Waive", "PluginFunction", "Few")
    guard = tool_of(desk_of(planner(body + both)), "Fines", "Waive").guard
    assert guard
    assert guard.text == "memberOk == True and tries < 3"


def test_of_several_rules_for_one_topic_one_is_taken_to_be_enough_and_that_is_uncertain() -> None:
    body = topic("Fines", action("Waive"), "Waive") + RULE + rule("Few", "lessThan", "3", "tries")
    twice = assigned("Fines", "Plugin") + assigned("Fines", "Plugin", "Few")
    tool = tool_of(desk_of(planner(body + twice)), "Fines", "Waive")
    assert tool.guard
    assert tool.guard.text == "memberOk == True or tries < 3"
    assert not tool.certain


def test_empty_means_no_value_or_an_empty_one() -> None:
    body = topic("Fines", action("Waive"), "Waive") + rule("Empty", "isEmpty") + assigned("Fines", "Plugin", "Empty")
    guard = tool_of(desk_of(planner(body)), "Fines", "Waive").guard
    assert guard
    assert guard.text == 'memberOk == None or memberOk == ""'


def test_what_a_rule_says_and_the_documentation_does_not_is_opaque() -> None:
    for odd in (rule("Odd", "matches", "x"), rule("Odd", "equal", "x", kind="Record"), ""):
        body = topic("Fines", action("Waive"), "Waive") + odd + assigned("Fines", "Plugin", "Odd")
        guard = tool_of(desk_of(planner(body)), "Fines", "Waive").guard
        assert guard
        assert isinstance(guard.condition, Opaque)


def test_a_rule_without_an_assignment_guards_nothing_and_is_a_loss() -> None:
    reading = rails_of(planner(topic("Fines", action("Waive"), "Waive") + "\n" + RULE)).agents["Desk"]
    (loss,) = reading.losses
    assert (loss.rule, loss.location.line) == ("rule/unassigned", 2)
    assert "Known_Member" in loss.message
    assert tool_of(reading.emitted, "Fines", "Waive").guard is None


def test_a_topic_without_actions_still_shows_its_rule() -> None:
    model = desk_of(planner(topic("Fines", "") + RULE + assigned("Fines", "Plugin")))
    assert [(each.name, each.value) for each in model.topics[0].settings] == [("available when", "memberOk == True")]


def test_inputs_are_bound_by_a_mapping_or_left_to_the_model() -> None:
    def mapping(attribute: str, target: str, type_: str = "CustomPluginFunctionAttribute") -> str:
        return (
            f"<attributeMappings><attributeName>Fines_16j000000000001.Waive_179000000000001.{attribute}"
            "</attributeName>"
            f"<attributeType>{type_}</attributeType><mappingTargetName>{target}</mappingTargetName>"
            f"<mappingType>Variable</mappingType></attributeMappings>"
        )

    schema = {"properties": {"card": {"lightning:type": "lightning__textType"}, "fine": {}}, "required": ["fine"]}
    folder = PLANNER.rpartition("/")[0] + "/localActions/Fines/Waive"
    body = (
        topic("Fines", action("Waive"), "Waive")
        + mapping("input_card", "memberCard")
        + mapping("done", "memberOk", type_="StandardPluginFunctionOutput")
    )
    model = desk_of(planner(body, **{f"{folder}/input/schema.json": json.dumps(schema, indent=1)}))
    tool = tool_of(model, "Fines", "Waive")
    assert {each.name: each.value for each in tool.bindings} == {
        "card": AtReference(space="variables", name="memberCard"),
        "fine": Chosen(),
    }
    (step,) = tool.then
    assert (step.variable, step.value) == ("memberOk", AtReference(space="outputs", name="done"))  # type: ignore[union-attr]
    fine = model.topics[0].actions[0].inputs[1]
    assert (fine.name, fine.required, fine.location.line) == ("fine", True, 6)


def test_outputs_say_whether_the_agent_sees_and_shows_them() -> None:
    hidden = {"copilotAction:isDisplayable": False, "copilotAction:isUsedByPlanner": False}
    schema = {"properties": {"score": hidden, "text": {"copilotAction:isDisplayable": True}}}
    folder = PLANNER.rpartition("/")[0] + "/localActions/Fines/Waive"
    files = {f"{folder}/output/schema.json": json.dumps(schema)}
    score, text = desk_of(planner(topic("Fines", action("Waive"), "Waive"), **files)).topics[0].actions[0].outputs
    assert (score.shown, score.used) == (False, False)
    assert (text.shown, text.used) == (True, True)


def test_a_topic_that_may_escalate_offers_it_under_its_rule() -> None:
    body = topic("Fines", "<canEscalate>true</canEscalate>") + RULE + assigned("Fines", "Plugin")
    (tool,) = desk_of(planner(body)).topics[0].tools
    assert tool.kind is ToolKind.ESCALATION
    assert tool.guard
    assert desk_of(planner(topic("Fines", "<canEscalate>false</canEscalate>"))).topics[0].tools == ()


def test_topics_and_actions_with_files_of_their_own_are_followed() -> None:
    files = planner(
        "<genAiPlugins><genAiPluginName>Fines</genAiPluginName></genAiPlugins>"
        "<genAiFunctions><genAiFunctionName>Look_Up</genAiFunctionName></genAiFunctions>",
        **{
            "genAiPlugins/Fines.genAiPlugin-meta.xml": xml(
                "GenAiPlugin",
                "<developerName>Fines</developerName>"
                "<genAiFunctions><functionName>Waive</functionName></genAiFunctions>",
            ),
            "genAiFunctions/Waive/Waive.genAiFunction-meta.xml": xml(
                "GenAiFunction",
                "<invocationTarget>FineService</invocationTarget><invocationTargetType>apex</invocationTargetType>",
            ),
            "genAiFunctions/Waive/input/schema.json": '{"properties": {"fine": {}}}',
            "genAiFunctions/Look_Up/Look_Up.genAiFunction-meta.xml": xml(
                "GenAiFunction", "<description>x</description>"
            ),
        },
    )
    model = desk_of(files)
    (waive,) = model.topics[0].actions
    assert (waive.target, [each.name for each in waive.inputs]) == ("apex://FineService", ["fine"])
    assert waive.location.file == "force-app/genAiFunctions/Waive/Waive.genAiFunction-meta.xml"
    assert [each.name for each in model.everywhere] == ["Look_Up"]
    assert model.unknown == ()


def test_topics_and_actions_that_the_project_does_not_have_are_unknown() -> None:
    body = (
        "<genAiPlugins><genAiPluginName>Platform__Topic</genAiPluginName></genAiPlugins>"
        + topic("Fines", "", "Platform__Action")
    )  # fmt: skip
    found = {(each.text, each.topic) for each in desk_of(planner(body)).unknown}
    assert found == {
        ("Topic `Platform__Topic` is not in the project.", ""),
        ("Action `Platform__Action` is not in the project.", "Fines"),
    }


def test_an_element_that_is_not_modelled_is_unknown_with_its_text() -> None:
    body = "\n<brandVoice><tone>calm</tone><rules><rule>short</rule></rules></brandVoice>"
    (found,) = desk_of(planner(body)).unknown
    assert (found.text, found.location.line) == ("<brandVoice> calm short", 2)


def test_variables_come_from_the_bot_and_its_version() -> None:
    files = planner("")
    files["bots/Desk/Desk.bot-meta.xml"] = xml(
        "Bot",
        "<contextVariables><contextVariableMappings><fieldName>MessagingSession.Id</fieldName></contextVariableMappings>"
        "<dataType>Id</dataType><developerName>sessionId</developerName></contextVariables>"
        "<botUser>desk@example.com</botUser><defaultOutboundFlow>To_Staff</defaultOutboundFlow>",
    )
    files["bots/Desk/v1.botVersion-meta.xml"] = xml(
        "BotVersion",
        LINK + "<conversationVariables><dataType>Boolean</dataType><developerName>memberOk</developerName>"
        "<includeInPrompt>false</includeInPrompt><visibility>External</visibility></conversationVariables>"
        "<citationsEnabled>true</citationsEnabled><role>You never give legal advice.</role>",
    )
    model = desk_of(files)
    session, member = model.variables
    assert (session.name, session.kind, session.source, session.external) == (
        "sessionId", VariableKind.LINKED, "MessagingSession.Id", False,
    )  # fmt: skip
    assert (member.name, member.kind, member.type, member.external) == (
        "memberOk",
        VariableKind.MUTABLE,
        "boolean",
        True,
    )
    settings = {each.name: each.value for each in model.settings}
    assert settings["botUser"] == "desk@example.com"
    assert settings["citationsEnabled"] == "true"
    assert settings["includeInPrompt.memberOk"] == "false"
    assert [(each.name, each.value) for each in model.escalations] == [("defaultOutboundFlow", "To_Staff")]
    assert [each.text for each in model.instructions] == ["You never give legal advice."]


def test_the_surfaces_of_a_planner_are_settings_and_their_route_is_an_escalation() -> None:
    surface = (
        "<plannerSurfaces><surfaceType>Messaging</surfaceType><callRecordingAllowed>false</callRecordingAllowed>"
        "<outboundRouteConfigs><outboundRouteName>flow://To_Staff</outboundRouteName></outboundRouteConfigs>"
        "</plannerSurfaces>"
    )
    model = desk_of(planner(surface))
    assert ("surface.Messaging.callRecordingAllowed", "false") in {(each.name, each.value) for each in model.settings}
    assert [each.value for each in model.escalations] == ["flow://To_Staff"]


def test_a_flow_that_a_dialog_runs_is_unknown() -> None:
    files = planner("")
    files["bots/Desk/v1.botVersion-meta.xml"] = xml(
        "BotVersion",
        LINK + "<botDialogs><developerName>Welcome</developerName><botSteps><botInvocation>"
        "<invocationActionName>Greet</invocationActionName><invocationActionType>flow</invocationActionType>"
        "</botInvocation></botSteps></botDialogs><botDialogs><developerName>Transfer</developerName><botSteps>"
        "<conversationSystemMessage><type>Transfer</type></conversationSystemMessage></botSteps></botDialogs>",
    )
    model = desk_of(files)
    assert [each.text for each in model.unknown] == ["Dialog `Welcome` runs flow://Greet."]
    assert [each.value for each in model.escalations] == ["Transfer"]


def test_a_schema_that_is_not_one_is_unknown_and_the_agent_is_read() -> None:
    folder = PLANNER.rpartition("/")[0] + "/localActions/Fines/Waive"
    for text in ("{", "[]", '{"properties": 1}', "[" * 100_000):
        files = planner(topic("Fines", action("Waive"), "Waive"), **{f"{folder}/input/schema.json": text})
        rails = rails_of(files)
        assert [each.location.file for each in rails.unknown] == [f"force-app/{folder}/input/schema.json"]
        assert [each.name for each in rails.agents["Desk"].emitted.topics[0].tools] == ["Waive"]


def test_places_are_those_of_the_elements() -> None:
    model = desk_of(planner("\n  " + topic("Fines", "\n" + action("Waive"), "Waive")))
    path = f"force-app/{PLANNER}"
    assert model.topics[0].location.file == path
    assert model.topics[0].location.line == 2
    assert model.topics[0].actions[0].location == Location(path, 3, 1)


def test_conditions_without_measure_are_opaque() -> None:
    many = rule("Many", "equal", "x").replace("</ruleExpressions>", "")
    many = many.replace("<conditions>", "<conditions><operator>equal</operator></conditions>" * 5000 + "<conditions>")
    body = (
        topic("Fines", action("Waive"), "Waive") + f"{many}</ruleExpressions>" + assigned("Fines", "Plugin", "Many")
    )
    guard = tool_of(desk_of(planner(body)), "Fines", "Waive").guard
    assert guard
    assert isinstance(guard.condition, Opaque)


def test_a_rule_that_is_assigned_twice_is_one() -> None:
    body = topic("Fines", action("Waive"), "Waive") + RULE + assigned("Fines", "Plugin") * 3
    tool = tool_of(desk_of(planner(body)), "Fines", "Waive")
    assert tool.certain
    assert tool.guard
    assert tool.guard.text == "memberOk == True"


def test_a_value_is_read_by_the_type_of_its_variable() -> None:
    files = planner(
        topic("Fines", action("Waive"), "Waive") + rule("Open", "equal", "true") + assigned("Fines", "Plugin", "Open")
    )
    files["bots/Desk/v1.botVersion-meta.xml"] = xml(
        "BotVersion",
        LINK + "<conversationVariables><dataType>Text</dataType><developerName>memberOk</developerName>"
        "</conversationVariables>",
    )
    guard = tool_of(desk_of(files), "Fines", "Waive").guard
    assert guard
    assert guard.text == 'memberOk == "true"'
