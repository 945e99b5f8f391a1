package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const reachTimeout = 2 * time.Second

// reach tells whether the first pack of each host can be had from here, by its first byte.
func reach(planFile string) error {
	plan, err := readPlan(planFile)
	if err != nil {
		return err
	}
	client, err := newClient(plan)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), reachTimeout)
	defer cancel()
	hosts := map[string]bool{}
	problems := make(chan string, len(plan.Packs))
	var asking sync.WaitGroup
	for index := range plan.Packs {
		pack := &plan.Packs[index]
		if hosts[pack.address.Host] {
			continue
		}
		hosts[pack.address.Host] = true
		asking.Go(func() {
			answer, err := ask(ctx, client, pack, "0-0", reachTimeout)
			if err != nil {
				problems <- networkReason(err)
				return
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusPartialContent {
				problems <- statusReason(answer)
			}
		})
	}
	asking.Wait()
	close(problems)
	if problem, failed := <-problems; failed {
		fmt.Printf("slipway-reach no %s\n", problem)
	} else {
		fmt.Println("slipway-reach yes")
	}
	return nil
}
