// Command shell answers what a shell parser that we did not write makes of scripts: the simple commands with the places of their words, or the
// error it gives. It reads one JSON string per line and writes one JSON answer per line. Offsets are in bytes.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

type answer struct {
	Error    string    `json:"error,omitempty"`
	Commands []command `json:"commands"`
}

type command struct {
	Assignments []span `json:"assignments"`
	Words       []span `json:"words"`
	// Operators and targets of the redirections.
	Redirects []redirect `json:"redirects"`
}

type redirect struct {
	Operator string `json:"operator"`
	Target   span   `json:"target"`
	// Body of a here-document.
	Body *span `json:"body,omitempty"`
}

// span is start and end.
type span [2]uint

func main() {
	in := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		var script string
		if err := in.Decode(&script); err != nil {
			return
		}
		if err := encoder.Encode(respond(script)); err != nil {
			panic(err)
		}
	}
}

func respond(script string) answer {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return answer{Error: err.Error()}
	}
	res := answer{Commands: []command{}}
	syntax.Walk(file, func(node syntax.Node) bool {
		stmt, ok := node.(*syntax.Stmt)
		if !ok {
			return true
		}
		var found command
		switch cmd := stmt.Cmd.(type) {
		case *syntax.CallExpr:
			found = command{Assignments: assignments(cmd.Assigns), Words: words(cmd.Args)}
		case *syntax.DeclClause:
			found = declaration(cmd)
		case nil:
			found = command{Assignments: []span{}, Words: []span{}}
		default:
			return true
		}
		found.Redirects = redirects(stmt.Redirs)
		res.Commands = append(res.Commands, found)
		return true
	})
	return res
}

// declaration makes `export A=1 B` the command it is for other parsers.
func declaration(clause *syntax.DeclClause) command {
	found := command{Assignments: []span{}, Words: []span{place(clause.Variant)}}
	for _, arg := range clause.Args {
		found.Words = append(found.Words, place(arg))
	}
	return found
}

func assignments(list []*syntax.Assign) []span {
	spans := []span{}
	for _, each := range list {
		spans = append(spans, place(each))
	}
	return spans
}

func words(list []*syntax.Word) []span {
	spans := []span{}
	for _, each := range list {
		spans = append(spans, place(each))
	}
	return spans
}

func redirects(list []*syntax.Redirect) []redirect {
	found := []redirect{}
	for _, each := range list {
		one := redirect{Operator: each.Op.String(), Target: place(each.Word)}
		if each.Hdoc != nil {
			body := place(each.Hdoc)
			one.Body = &body
		}
		found = append(found, one)
	}
	return found
}

func place(node syntax.Node) span {
	return span{node.Pos().Offset(), node.End().Offset()}
}
