package broken

import "testing"

func TestNamesTheDay(t *testing.T) { undefined() }
