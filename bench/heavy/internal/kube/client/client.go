// Package client connects to a cluster.
package client

import (
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	_ "k8s.io/client-go/plugin/pkg/client/auth/exec" // clusters whose kubeconfig names a credential program
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"

	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/mark"
)

// Cluster is a connection: typed, untyped, and the mapping from kinds to resources.
type Cluster struct {
	Typed     kubernetes.Interface
	Untyped   dynamic.Interface
	Mapper    *restmapper.DeferredDiscoveryRESTMapper
	Namespace string
}

// Connect reads the usual kubeconfig, or what a pod is given.
func Connect(kubeconfig, context string) (*Cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: context})
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, fault.New(fault.Invalid, "read kubeconfig", err)
	}
	config.UserAgent = mark.UserAgent("kube")
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, fault.New(fault.Invalid, "read namespace", err)
	}
	typed, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fault.New(fault.Invalid, "connect", err)
	}
	untyped, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fault.New(fault.Invalid, "connect", err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(typed.Discovery()))
	return &Cluster{Typed: typed, Untyped: untyped, Mapper: mapper, Namespace: namespace}, nil
}
