// Package greeting finds the words.
package greeting

import (
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

var words = map[language.Tag]string{
	language.English: "Hello",
	language.German:  "Hallo",
	language.French:  "Bonjour",
	language.Spanish: "Hola",
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.German, language.French, language.Spanish})

// For greets name in the best language of an Accept-Language header.
func For(name, acceptLanguage string) string {
	tag, _ := language.MatchStrings(matcher, acceptLanguage)
	base, _ := tag.Base()
	return words[language.Make(base.String())] + ", " + cases.Title(tag).String(name) + "!"
}
