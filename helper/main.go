// Command helper does inside of a builder what its image may have no program for: it packs and unpacks zstd, fetches packs, and several of
// them side by side. It links nothing from the image; only fetch and reach ask for a network.
//
//	helper check                 says nothing and ends well where this machine can run it
//	helper pack LEVEL            a tar from standard input, as a zstd frame, to standard output
//	helper unpack [--modified SECONDS] DIR PACK...
//	                             the files of packs (tar, by zstd or gzip) into DIR, without the first element of their names
//	helper fetch DIR PLAN LISTS  the packs that the file PLAN names, from their stores into the GOCACHE DIR, each checked by its list in LISTS
//	helper reach PLAN            says whether the stores of PLAN can be had from here
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
)

func main() {
	// Packages of the standard library write there what came from a network.
	log.SetOutput(io.Discard)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "helper: %v\n", err)
		os.Exit(71)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "check":
		return nil
	case len(args) == 2 && args[0] == "pack":
		level, err := strconv.Atoi(args[1])
		if err != nil {
			return fmt.Errorf("level %q: %w", args[1], err)
		}
		return pack(os.Stdin, os.Stdout, level)
	case len(args) > 4 && args[0] == "unpack" && args[1] == "--modified":
		modified, err := strconv.ParseInt(args[2], 10, 64)
		if err != nil {
			return fmt.Errorf("time %q: %w", args[2], err)
		}
		return unpackAll(args[3], args[4:], &modified)
	case len(args) > 2 && args[0] == "unpack":
		return unpackAll(args[1], args[2:], nil)
	case len(args) == 4 && args[0] == "fetch":
		return fetchAll(args[1], args[2], args[3])
	case len(args) == 2 && args[0] == "reach":
		return reach(args[1])
	}
	return errors.New("usage: helper check | pack LEVEL | unpack [--modified SECONDS] DIR PACK... | fetch DIR PLAN LISTS | reach PLAN")
}
