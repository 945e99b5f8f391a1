// Command dockerfile answers what BuildKit's own Dockerfile frontend makes of files: the instructions its parser sees or the error it gives,
// and, when asked, the RUN steps and cache mounts in the build graph of a target. It reads one JSON request per line and writes one JSON answer per line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

type request struct {
	Text string `json:"text"`
	// Evaluate asks for the build graph; without it the file is only parsed.
	Evaluate       bool              `json:"evaluate"`
	Target         string            `json:"target"`
	BuildArgs      map[string]string `json:"buildArgs"`
	TargetPlatform string            `json:"targetPlatform"`
}

type answer struct {
	Syntax       string        `json:"syntax"`
	Error        *failure      `json:"error,omitempty"`
	Escape       string        `json:"escape,omitempty"`
	Instructions []instruction `json:"instructions,omitempty"`
	Graph        *graph        `json:"graph,omitempty"`
}

type failure struct {
	Phase   string `json:"phase"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

type instruction struct {
	Keyword  string       `json:"keyword"`
	Args     []string     `json:"args"`
	Flags    []string     `json:"flags"`
	JSON     bool         `json:"json"`
	Text     string       `json:"text"`
	Start    int          `json:"start"`
	End      int          `json:"end"`
	Heredocs []heredoc    `json:"heredocs"`
	Child    *instruction `json:"child,omitempty"`
}

type heredoc struct {
	Name           string `json:"name"`
	Expand         bool   `json:"expand"`
	Chomp          bool   `json:"chomp"`
	FileDescriptor uint   `json:"fileDescriptor"`
	Content        string `json:"content"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		var req request
		if err := decoder.Decode(&req); err != nil {
			return
		}
		if err := encoder.Encode(respond(req)); err != nil {
			panic(err)
		}
	}
}

func respond(req request) (res answer) {
	res.Syntax, _, _, _ = parser.DetectSyntax([]byte(req.Text))
	result, err := parser.Parse(strings.NewReader(req.Text))
	if err != nil {
		res.Error = fail("parse", err)
		return res
	}
	res.Escape = string(result.EscapeToken)
	for _, node := range result.AST.Children {
		res.Instructions = append(res.Instructions, toInstruction(node))
	}
	stages, _, err := instructions.Parse(result.AST, linter.New(&linter.Config{}))
	if err != nil {
		res.Error = fail("instruction", err)
		return res
	}
	if len(stages) == 0 {
		res.Error = fail("instruction", errors.New("dockerfile contains no stages to build"))
		return res
	}
	if req.Evaluate {
		res.Graph, err = evaluate(context.Background(), req)
		if err != nil {
			res.Error = fail("graph", err)
		}
	}
	return res
}

func fail(phase string, err error) *failure {
	line := 0
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		line = located.Locations[0][0].Start.Line
	}
	return &failure{Phase: phase, Line: line, Message: err.Error()}
}

func toInstruction(node *parser.Node) instruction {
	res := instruction{
		Keyword:  node.Value,
		Args:     nodeArgs(node),
		Flags:    append([]string{}, node.Flags...),
		JSON:     node.Attributes["json"],
		Text:     node.Original,
		Start:    node.StartLine,
		End:      node.EndLine,
		Heredocs: []heredoc{},
	}
	for _, h := range node.Heredocs {
		res.Heredocs = append(res.Heredocs, heredoc{h.Name, h.Expand, h.Chomp, h.FileDescriptor, h.Content})
	}
	if node.Next != nil && len(node.Next.Children) == 1 {
		child := toInstruction(node.Next.Children[0])
		res.Child = &child
	}
	return res
}

// nodeArgs flattens the list of a node the way BuildKit's instruction parser does before it looks at an instruction.
func nodeArgs(node *parser.Node) []string {
	args := []string{}
	for ; node.Next != nil; node = node.Next {
		next := node.Next
		if len(next.Children) == 0 {
			args = append(args, next.Value)
			continue
		}
		args = append(args, next.Children[0].Value)
		args = append(args, nodeArgs(next.Children[0])...)
	}
	return args
}
