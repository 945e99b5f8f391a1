// Package rollout tells how far a deployment has come.
package rollout

import (
	"fmt"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"

	"example.com/harbour/internal/mark"
)

// State of a rollout.
type State string

// The states a person cares for.
const (
	Moving State = "moving"
	Done   State = "done"
	Stuck  State = "stuck"
)

// Status is one deployment's state in words.
type Status struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Release   string `json:"release,omitempty"`
	State     State  `json:"state"`
	Detail    string `json:"detail"`
}

// Of reads a deployment the way the orchestrator's own tool does: observed generation, then replicas, then availability.
func Of(d *apps.Deployment) Status {
	status := Status{Namespace: d.Namespace, Name: d.Name, Release: d.Labels[mark.Label("release")]}
	want := int32(1)
	if d.Spec.Replicas != nil {
		want = *d.Spec.Replicas
	}
	switch now := d.Status; {
	case d.Generation > now.ObservedGeneration:
		status.State, status.Detail = Moving, "spec not seen yet"
	case isOverdue(now.Conditions):
		status.State, status.Detail = Stuck, "exceeded its progress deadline"
	case now.UpdatedReplicas < want:
		status.State, status.Detail = Moving, fmt.Sprintf("%d of %d updated", now.UpdatedReplicas, want)
	case now.Replicas > now.UpdatedReplicas:
		status.State, status.Detail = Moving, fmt.Sprintf("%d old ones pending", now.Replicas-now.UpdatedReplicas)
	case now.AvailableReplicas < want:
		status.State, status.Detail = Moving, fmt.Sprintf("%d of %d available", now.AvailableReplicas, want)
	default:
		status.State, status.Detail = Done, fmt.Sprintf("%d available", now.AvailableReplicas)
	}
	return status
}

func isOverdue(conditions []apps.DeploymentCondition) bool {
	for _, c := range conditions {
		if c.Type == apps.DeploymentProgressing && c.Status == core.ConditionFalse && c.Reason == "ProgressDeadlineExceeded" {
			return true
		}
	}
	return false
}
