package good

import "testing"

func TestNamesTheDay(t *testing.T) {}

func TestRefuses(t *testing.T) {
	t.Run("politely", func(t *testing.T) {})
	t.Run("firmly", func(t *testing.T) {})
}
