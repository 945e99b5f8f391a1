package main

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// graph is what slipway's model must agree with: the steps the build of the target really runs.
type graph struct {
	Runs []run `json:"runs"`
	// Images are the references whose configuration BuildKit asks for, sorted.
	Images []string `json:"images"`
}

type run struct {
	// Name is what the progress calls the step.
	Name   string            `json:"name"`
	Line   int               `json:"line"`
	Args   []string          `json:"args"`
	Env    map[string]string `json:"env"`
	Cwd    string            `json:"cwd"`
	User   string            `json:"user"`
	Caches []cacheMount      `json:"caches"`
}

type cacheMount struct {
	// ID is namespace, slash and id, the whole key but for what it is mounted from.
	ID       string `json:"id"`
	Target   string `json:"target"`
	Selector string `json:"selector"`
	ReadOnly bool   `json:"readOnly"`
}

func evaluate(ctx context.Context, req request) (*graph, error) {
	build := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	target := build
	if req.TargetPlatform != "" {
		p, err := platforms.Parse(req.TargetPlatform)
		if err != nil {
			return nil, err
		}
		target = platforms.Normalize(p)
	}
	buildArgs := map[string]string{}
	for k, v := range req.BuildArgs {
		buildArgs[k] = v
	}
	caps := pb.Caps.CapSet(pb.Caps.All())
	images := &imageResolver{}
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, []byte(req.Text), dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs:        buildArgs,
			Target:           req.Target,
			CacheIDNamespace: buildArgs["BUILDKIT_CACHE_MOUNT_NS"],
			BuildPlatforms:   []ocispecs.Platform{build},
		},
		TargetPlatform: &target,
		MetaResolver:   images,
		LLBCaps:        &caps,
		Warn:           func(string, string, string, string, []parser.Range) {},
		SourceMap:      llb.NewSourceMap(nil, "Dockerfile", "dockerfile", []byte(req.Text)),
	})
	if err != nil {
		return nil, err
	}
	def, err := result.State.Marshal(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := readRuns(def)
	if err != nil {
		return nil, err
	}
	slices.Sort(images.seen)
	return &graph{Runs: runs, Images: slices.Compact(images.seen)}, nil
}

func readRuns(def *llb.Definition) ([]run, error) {
	runs := []run{}
	for _, dt := range def.Def {
		var op pb.Op
		if err := op.UnmarshalVT(dt); err != nil {
			return nil, err
		}
		exec := op.GetExec()
		if exec == nil {
			continue
		}
		res := run{Args: exec.Meta.Args, Env: map[string]string{}, Cwd: exec.Meta.Cwd, User: exec.Meta.User, Caches: []cacheMount{}}
		for _, kv := range exec.Meta.Env {
			k, v, _ := strings.Cut(kv, "=")
			res.Env[k] = v
		}
		for _, m := range exec.Mounts {
			if m.MountType == pb.MountType_CACHE {
				res.Caches = append(res.Caches, cacheMount{m.CacheOpt.ID, path.Clean(m.Dest), m.Selector, m.Readonly})
			}
		}
		res.Name = def.Metadata[digest.FromBytes(dt)].Description["llb.customname"]
		// Steps that are the same in two stages are one operation with two places.
		for _, location := range def.Source.Locations[digest.FromBytes(dt).String()].GetLocations() {
			if len(location.Ranges) > 0 {
				res.Line = int(location.Ranges[0].Start.Line)
				runs = append(runs, res)
			}
		}
	}
	return runs, nil
}

// imageResolver gives every image a configuration: for golang the variables of the official image, for others PATH alone.
type imageResolver struct{ seen []string }

func (r *imageResolver) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	r.seen = append(r.seen, ref)
	const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	name, _, _ := strings.Cut(ref, "@")
	name, _, _ = strings.Cut(path.Base(name), ":")
	config := map[string]any{"Env": []string{"PATH=" + defaultPath}}
	if name == "golang" {
		config = map[string]any{
			"Env":        []string{"PATH=/go/bin:/usr/local/go/bin:" + defaultPath, "GOTOOLCHAIN=local", "GOPATH=/go"},
			"WorkingDir": "/go",
		}
	}
	dt, err := json.Marshal(map[string]any{
		"os":           "linux",
		"architecture": "amd64",
		"config":       config,
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{digest.FromString("layer").String()}},
	})
	return ref, "", dt, err
}
