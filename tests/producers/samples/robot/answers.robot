*** Test Cases ***
Names The Day
    Log    Tuesday

Is Skipped
    Skip    later

Fails
    Fail    wrong
