// Package greeting writes harbour's front page. It imports nothing of harbour: a leaf.
package greeting

import (
	"html/template"
	"io"
)

const welcome = "All ships report to the pilot station."

var page = template.Must(template.New("page").Parse(`<!doctype html>
<title>{{.Title}}</title>
<h1>{{.Title}}</h1>
<p>{{.Welcome}}</p>
<ul>{{range .Links}}<li><a href="{{.}}">{{.}}</a></li>{{end}}</ul>
`))

// Write writes the page.
func Write(w io.Writer, title string, links []string) error {
	return page.Execute(w, struct {
		Title, Welcome string
		Links          []string
	}{title, welcome, links})
}
