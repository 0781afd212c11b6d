Feature: Shipments

  Scenario: Names the day
    Given an answer

  Scenario: Fails
    Given a wrong answer

  Scenario: Has no step
    Given something that nobody wrote

  @skip
  Scenario: Is skipped
    Given an answer
