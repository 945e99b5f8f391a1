// Package gate decides by CEL expressions whether a release may go out.
package gate

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/hclconf"
	"example.com/harbour/internal/manifest"
	"example.com/harbour/internal/mark"
)

// Keeper holds compiled gates.
type Keeper struct{ gates []compiled }

type compiled struct {
	source  hclconf.Gate
	program cel.Program
}

// New compiles the gates; each sees `release`, `current` and `edition`.
func New(gates []hclconf.Gate) (*Keeper, error) {
	env, err := cel.NewEnv(
		cel.Variable("release", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("current", cel.StringType),
		cel.Variable("edition", cel.StringType),
		ext.Strings(),
	)
	if err != nil {
		return nil, fault.New(fault.Broken, "set up gates", err)
	}
	keeper := &Keeper{}
	for _, g := range gates {
		ast, issues := env.Compile(g.When)
		if issues.Err() != nil {
			return nil, fault.New(fault.Invalid, "gate "+g.Name, issues.Err())
		}
		if ast.OutputType() != cel.BoolType {
			return nil, fault.New(fault.Invalid, "gate "+g.Name, fmt.Errorf("gives %s, want bool", ast.OutputType()))
		}
		program, err := env.Program(ast, cel.CostLimit(100_000))
		if err != nil {
			return nil, fault.New(fault.Invalid, "gate "+g.Name, err)
		}
		keeper.gates = append(keeper.gates, compiled{source: g, program: program})
	}
	return keeper, nil
}

// Check gives an error for the first gate that a release does not pass.
func (k *Keeper) Check(release manifest.Release, current string) error {
	facts := map[string]any{
		"release": map[string]any{
			"name": release.Name, "version": release.Version, "namespace": release.Namespace,
			"chart": release.Chart, "values": release.Values, "cargo": len(release.Cargo),
		},
		"current": current,
		"edition": mark.Edition,
	}
	for _, g := range k.gates {
		out, _, err := g.program.Eval(facts)
		if err != nil {
			return fault.New(fault.Broken, "gate "+g.source.Name, err)
		}
		if passed, ok := out.Value().(bool); !ok || !passed {
			return fault.New(fault.Refused, "gate "+g.source.Name, fmt.Errorf("%s", g.source.Message))
		}
	}
	return nil
}
