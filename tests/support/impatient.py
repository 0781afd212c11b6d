"""wavegate, which asks the org double for a smoke run's status after 20 ms: `python -m tests.support.impatient`."""

import sys
from datetime import timedelta

from wavegate.__main__ import main
from wavegate.smoke.command import command

if __name__ == "__main__":
    (poll_interval,) = (option for option in command.params if option.name == "poll_interval")
    poll_interval.default = timedelta(milliseconds=20)
    sys.exit(main())
