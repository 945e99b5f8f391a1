// Command helper does inside of a builder what its image may have no program for: it packs and unpacks zstd, and several packs side by
// side. It links nothing from the image and asks for no network.
//
//	helper check                 says nothing and ends well where this machine can run it
//	helper pack LEVEL            a tar from standard input, as a zstd frame, to standard output
//	helper unpack DIR PACK...    the files of packs (tar, by zstd or gzip) into DIR, without the first element of their names
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
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
	case len(args) > 2 && args[0] == "unpack":
		return unpackAll(args[1], args[2:])
	}
	return fmt.Errorf("usage: helper check | pack LEVEL | unpack DIR PACK...")
}
