// Package apply puts objects into a cluster by server-side apply.
package apply

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	v1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/kube/client"
	"example.com/harbour/internal/mark"
	"example.com/harbour/internal/tracing"
)

// All applies the objects in order; harbour owns the fields that it writes.
func All(ctx context.Context, cluster *client.Cluster, objects []*unstructured.Unstructured, isDryRun bool) error {
	ctx, span := tracing.Start(ctx, mark.Name+".apply")
	defer span.End()
	options := v1.ApplyOptions{FieldManager: mark.Name, Force: true}
	if isDryRun {
		options.DryRun = []string{v1.DryRunAll}
	}
	for _, o := range objects {
		target, err := find(cluster, o)
		if err != nil {
			return err
		}
		if _, err := target.Apply(ctx, o.GetName(), o, options); err != nil {
			return fault.New(fault.Refused, "apply "+o.GetKind()+"/"+o.GetName(), err)
		}
	}
	return nil
}

func find(cluster *client.Cluster, o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := o.GroupVersionKind()
	mapping, err := cluster.Mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return nil, fault.New(fault.NotFound, "find "+kind.String(), err)
	}
	resource := cluster.Untyped.Resource(mapping.Resource)
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		return resource, nil
	}
	namespace := o.GetNamespace()
	if namespace == "" {
		namespace = cluster.Namespace
	}
	return resource.Namespace(namespace), nil
}
