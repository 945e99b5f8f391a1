// Command dockerignore tells which paths the matcher that BuildKit uses leaves out of a context. It reads one JSON request per
// line and writes one JSON answer per line.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type request struct {
	Text  string   `json:"text"`
	Paths []string `json:"paths"`
}

type answer struct {
	Error   string `json:"error,omitempty"`
	Ignored []bool `json:"ignored"`
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			panic(err)
		}
		if err := output.Encode(judge(asked)); err != nil {
			panic(err)
		}
	}
}

func judge(asked request) answer {
	patterns, err := ignorefile.ReadAll(strings.NewReader(asked.Text))
	if err != nil {
		return answer{Error: err.Error()}
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return answer{Error: err.Error()}
	}
	// The matcher compiles a pattern when it is first needed. What a file would be refused for on some path is an error here at once.
	for _, pattern := range patterns {
		alone := []string{pattern}
		if strings.HasPrefix(pattern, "!") {
			alone = []string{"x", pattern}
		}
		if _, err := patternmatcher.MatchesOrParentMatches("x", alone); err != nil {
			return answer{Error: err.Error()}
		}
	}
	ignored := make([]bool, 0, len(asked.Paths))
	for _, path := range asked.Paths {
		// Directories come first in a walk, and each hands its result to what lies in it.
		parts := strings.Split(path, "/")
		info := patternmatcher.MatchInfo{}
		matched := false
		for i := range parts {
			matched, info, err = matcher.MatchesUsingParentResults(strings.Join(parts[:i+1], "/"), info)
			if err != nil {
				return answer{Error: err.Error()}
			}
		}
		ignored = append(ignored, matched)
	}
	return answer{Ignored: ignored}
}
