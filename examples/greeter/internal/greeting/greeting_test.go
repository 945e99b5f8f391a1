package greeting

import "testing"

func TestFor(t *testing.T) {
	for _, test := range []struct{ name, accept, want string }{
		{"ada", "", "Hello, Ada!"},
		{"ada", "de-AT, en;q=0.5", "Hallo, Ada!"},
		{"ada lovelace", "fr", "Bonjour, Ada Lovelace!"},
		{"ada", "tlh", "Hello, Ada!"},
	} {
		if got := For(test.name, test.accept); got != test.want {
			t.Errorf("For(%q, %q) = %q, want %q", test.name, test.accept, got, test.want)
		}
	}
}
