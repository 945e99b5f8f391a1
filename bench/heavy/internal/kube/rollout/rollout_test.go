package rollout

import (
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
)

func TestOf(t *testing.T) {
	two := int32(2)
	for name, c := range map[string]struct {
		generation int64
		status     apps.DeploymentStatus
		want       State
	}{
		"unseen":      {2, apps.DeploymentStatus{ObservedGeneration: 1, UpdatedReplicas: 2, Replicas: 2, AvailableReplicas: 2}, Moving},
		"updating":    {1, apps.DeploymentStatus{ObservedGeneration: 1, UpdatedReplicas: 1, Replicas: 2}, Moving},
		"old pending": {1, apps.DeploymentStatus{ObservedGeneration: 1, UpdatedReplicas: 2, Replicas: 3, AvailableReplicas: 2}, Moving},
		"unavailable": {1, apps.DeploymentStatus{ObservedGeneration: 1, UpdatedReplicas: 2, Replicas: 2, AvailableReplicas: 1}, Moving},
		"done":        {1, apps.DeploymentStatus{ObservedGeneration: 1, UpdatedReplicas: 2, Replicas: 2, AvailableReplicas: 2}, Done},
		"stuck": {1, apps.DeploymentStatus{ObservedGeneration: 1, Conditions: []apps.DeploymentCondition{
			{Type: apps.DeploymentProgressing, Status: core.ConditionFalse, Reason: "ProgressDeadlineExceeded"},
		}}, Stuck},
	} {
		d := &apps.Deployment{Spec: apps.DeploymentSpec{Replicas: &two}, Status: c.status}
		d.Generation = c.generation
		if got := Of(d); got.State != c.want {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}
