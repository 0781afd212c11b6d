package crash

import "testing"

func TestNamesTheDay(t *testing.T) {}

func TestPanics(t *testing.T) { panic("out of order") }

func TestIsNeverReached(t *testing.T) {}
