package bad

import "testing"

func TestNamesTheWrongDay(t *testing.T) { t.Errorf("Tuesday, not Monday") }

func TestIsLeftOut(t *testing.T) { t.Skip("not yet") }

func TestRefuses(t *testing.T) {
	t.Run("politely", func(t *testing.T) {})
	t.Run("firmly", func(t *testing.T) { t.Fatal("it did not refuse") })
}
