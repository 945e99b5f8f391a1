/** Makefiles for the comparison with `make -n`. */
export interface MakeCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** Words behind `make`. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function one(
  name: string,
  makefile: string,
  args: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): MakeCase {
  return { name, files: { Makefile: makefile, ...files }, args };
}

export const MAKE_CASES: readonly MakeCase[] = [
  one('a target', 'build:\n\tgo build ./...\n'),
  one('the first target is the goal', '.PHONY: all build\nall: build\n\techo done\nbuild:\n\tgo build\n'),
  one('prefixes', 'x:\n\t@echo a\n\t-rm b\n\t+true\n\t@-echo d\n\t  @ echo e\n'),
  one('several goals, each once', 'a: c\n\techo a\nb: c\n\techo b\nc:\n\techo c\n', ['b', 'a', 'c']),
  one('a diamond', 'a: b c\n\techo a\nb: d\n\techo b\nc: d\n\techo c\nd:\n\techo d\n'),
  one('order-only', 'a: b | c d\n\techo a $^ $|\nb c d:\n\techo $@\n'),
  one('prerequisites of several rules', 'a: b\na: c\na: d\n\techo $^ first $<\nb c d:\n\techo $@\n'),
  one('the prerequisites of a later recipe come first', 'a: b\na: c\n\techo one\na: d\n\techo $^\nb c d:\n\techo $@\n'),
  one('a continued recipe behind the rule', 'x: y ; echo $@ \\\n\t  more # c\ny: # a; b\n\techo y\n'),
  one('a pattern rule told twice', '%.o: %.c\n\techo old\n%.o: %.c\n\techo new\n', ['x.o'], { 'x.c': '' }),
  one('one shell with marks', '.ONESHELL:\nx:\n\t@cd sub\n\t@-go build\n'),
  one('call of a built-in function', "x:\n\techo '$(call subst,a,b,aa,more)' '$(call if,1,2,3)'\n"),
  one('continuations in define', 'define X\necho a \\\n  b\necho c\nendef\nx:\n\t$(X)\n'),
  one('a later recipe wins', 'a:\n\techo one\na:\n\techo two\n'),
  one('double-colon', 'a:: b\n\techo one\na:: c\n\techo two\nb c:\n\techo $@\n'),
  one('recursive and simple variables', 'A = $(B)\nB := one\nC := $(A)\nB := two\nx:\n\techo $(A) $(C)\n'),
  one('conditional assignment', 'A ?= one\nA ?= two\nB =\nB ?= three\nx:\n\techo "$(A)" "$(B)"\n'),
  one('appending', 'A = a\nA += $(B)\nB = b\nC := a\nC += $(D)\nD = d\nE += e\nx:\n\techo $(A) $(C) $(E)\n'),
  one('POSIX assignments', 'A ::= $(B)\nB = 1\nx:\n\techo "$(A)$(B)"\n'),
  one(
    'variables of the command line',
    'A = file\nB := file\noverride C = file\nA += more\nx:\n\techo $(A) $(B) $(C) $(origin A)\n',
    ['x', 'A=cmd', 'B=cmd', 'C=cmd'],
  ),
  {
    name: 'variables of the environment',
    files: { Makefile: 'A ?= file\nB = file\nx:\n\techo $(A) $(B) $(C) $(origin C)\n' },
    environment: { A: 'env', B: 'env', C: 'env' },
  },
  one('single letters and braces', 'A = 1\nAB = 2\nx:\n\techo $A $AB ${AB} $(AB) $$A $$(date)\n'),
  one('computed names', 'linux_FLAGS = -l\nOS = linux\nx:\n\techo $($(OS)_FLAGS) $(${OS}_FLAGS)\n'),
  one('substitution references', 'S = a.go b.go c/d.go\nx:\n\techo $(S:.go=.o) $(S:%.go=out/%.o) ${S:go=c}\n'),
  one('define', 'define greet\necho one\n@echo two $(1)\nendef\nx:\n\t$(greet)\n\t$(call greet,arg)\n'),
  one('define with an operator', 'A = 1\ndefine V :=\n$(A)\nendef\nA = 2\nx:\n\techo $(V)\n'),
  one(
    'comments',
    'A = 1 # one\nB = a\\#b\nx: # the target\n\techo $(A)$(B) # for the shell\n# between\n\techo two\n\n\techo three\n',
  ),
  one('continuations', 'A = a \\\n    b \\\n    c\nx: y \\\n   z\n\techo $(A) && \\\n\t  echo two\ny z:\n\techo $@\n'),
  one('a recipe behind the rule', 'x: y ; echo $@ $<\ny: ; echo y\n\techo more\n'),
  one(
    'target-specific variables',
    'F = -v\na: F = -race\na: b\n\techo a $(F)\nb:\n\techo b $(F)\nc: F += -x\nc:\n\techo c $(F)\n',
    ['a', 'c'],
  ),
  one(
    'target-specific variables reach prerequisites',
    'all: X := 1\nall: dep\n\techo all $(X)\ndep:\n\techo dep $(X)\n',
  ),
  one('pattern-specific variables', '%-x: V = pattern\na-x: W = own\na-x b-x:\n\techo $@ $(V) $(W)\n', ['a-x', 'b-x']),
  one('pattern rules', 'all: bin/a bin/b\nbin/%: cmd/%/main.go\n\tgo build -o $@ ./$(<D) $* $(@D) $(@F)\n', [], {
    'cmd/a/main.go': '',
    'cmd/b/main.go': '',
  }),
  one('the shortest stem', 'lib/%.o: %.c\n\techo short $*\n%.o: %.c\n\techo long $*\n', ['lib/x.o'], {
    'x.c': '',
    'lib/x.c': '',
  }),
  one('a chain of pattern rules', 'all: x.c2\n.SECONDARY:\n%.c2: %.b2\n\techo $< $@\n%.b2: %.a2\n\techo $< $@\n', [], {
    'x.a2': '',
  }),
  one('a pattern without prerequisites', 'build-%:\n\tGOOS=$* go build\n', ['build-linux', 'build-darwin']),
  one(
    'static pattern rules',
    'OBJ = a.o b.o\nall: $(OBJ)\n$(OBJ): %.o: %.x dep\n\techo $< $@ $*\na.x b.x dep:\n\techo $@\n',
  ),
  one('several targets', 'a b: c\n\techo $@\nc:\n\techo c\n', ['a', 'b']),
  one('grouped targets', 'a b &: c\n\techo both $@\nc:\n\techo c\n', ['a', 'b']),
  one(
    'text functions',
    'S = b/x.go a/y_test.go a/y.go main.go\nx:\n' +
      '\techo $(subst go,rs,$(S)) $(patsubst %.go,%.o,$(S))\n\techo $(filter %_test.go main.go,$(S)) $(filter-out %_test.go,$(S))\n' +
      '\techo $(addprefix out/,$(S)) $(addsuffix .bak,$(S))\n\techo $(dir $(S)) $(notdir $(S)) $(suffix $(S)) $(basename $(S))\n' +
      '\techo $(firstword $(S)) $(lastword $(S)) $(word 2,$(S)) $(words $(S)) $(wordlist 2,3,$(S))\n' +
      '\techo $(sort $(S) a/y.go) [$(strip   a   b  )] $(join a b,1 2) $(findstring main,$(S))\n',
  ),
  one(
    'if, or, and',
    'A = 1\nx:\n\techo $(if $(A),yes,no) $(if $(B),yes,no) $(if $(B),yes) $(or $(B),$(A),z) [$(and $(A),$(B))] $(and $(A),2)\n',
  ),
  one(
    'foreach and call',
    'twice = $(1)-$(1)$(2)\nx:\n\techo $(foreach os,linux darwin,$(call twice,$(os),!)) $(call subst,a,b,aa)\n',
  ),
  one(
    'a function that calls itself',
    'rev = $(if $(1),$(call rev,$(wordlist 2,9,$(1))) $(firstword $(1)))\nx:\n\techo $(call rev,a b c)\n',
  ),
  one('nested brackets', 'x:\n\techo "${subst (,[,$(patsubst %,%,a(b) c)}" "${subst x,(,xyx}"\n'),
  one(
    'wildcard',
    'x:\n\techo $(wildcard *.go) $(wildcard cmd/*) $(wildcard cmd/*/main.go no/*.go) $(wildcard go.mod none)\n',
    [],
    {
      'a.go': '',
      'b.go': '',
      '.hidden.go': '',
      'go.mod': '',
      'cmd/a/main.go': '',
      'cmd/b/main.go': '',
      'cmd/readme': '',
    },
  ),
  one('wildcards in prerequisites', 'x: *.go cmd/?/*.go\n\techo $^\n', [], {
    'b.go': '',
    'a.go': '',
    'cmd/a/m.go': '',
  }),
  one(
    'conditionals',
    'A = 1\nifeq ($(A),1)\nB = one\nelse\nB = other\nendif\nifneq ($(A), 1)\nC = no\nelse ifdef A\nC = elseif\nelse\nC = last\nendif\n' +
      'ifndef Z\n  D = undefined\nendif\nifeq "$(B)" \'one\'\n  E = quoted\nendif\nifeq ($(strip $(X)),)\nF = empty\nendif\nx:\n\techo $(B) $(C) $(D) $(E) $(F)\n',
  ),
  one(
    'nested conditionals',
    'ifdef A\nifdef B\nX = ab\nelse\nX = a\nendif\nelse\nifdef B\nX = b\nelse\nX = none\nendif\nendif\nx:\n\techo $(X)\n',
    ['B=1'],
  ),
  one('conditionals in recipes', 'x:\n\techo one\nifdef V\n\techo verbose\nelse\n\techo quiet\nendif\n\techo two\n', [
    'x',
    'V=1',
  ]),
  one('rules in a part that does not count', 'ifdef NO\na:\n\techo no\nelse\na:\n\techo yes\nendif\n\techo more\n'),
  one('include', 'include rules.mk\n-include none.mk\nsinclude more/*.mk\nx: y\n\techo $(A) $(B)\n', [], {
    'rules.mk': 'A = one\ny:\n\techo y\n',
    'more/b.mk': 'B = two\n',
  }),
  one('an included default goal', 'include r.mk\nown:\n\techo own\n', [], { 'r.mk': 'first:\n\techo first\n' }),
  one('recursion', 'all:\n\t$(MAKE) -C sub build X=1\n\techo after\n', ['Y=2'], {
    'sub/Makefile': 'build: dep\n\techo $(X) $(Y)\ndep:\n\techo dep\n',
  }),
  one('recursion by cd', 'all:\n\tcd sub && $(MAKE) -f build.mk\n', [], { 'sub/build.mk': 'x:\n\techo deep\n' }),
  one('recursion into itself', 'all:\n\t$(MAKE) other\nother:\n\techo other\n'),
  one('exported variables reach the inner make', 'export A = 1\nB = 2\nall:\n\t$(MAKE) -C sub\n', [], {
    'sub/Makefile': 'x:\n\techo "$(A)" "$(B)" $(origin A)\n',
  }),
  one('a recipe prefix', '.RECIPEPREFIX = >\nx:\n> echo a\n>echo b\n'),
  one('a default goal', '.DEFAULT_GOAL := b\na:\n\techo a\nb:\n\techo b\n'),
  one('one shell', '.ONESHELL:\nx:\n\t@cd sub\n\tgo build\n'),
  one('secondary expansion', '.SECONDEXPANSION:\nx: $$(A)\n\techo $^\nA = y\ny:\n\techo y\n'),
  one('a file that is there', 'all: go.sum x\ngo.sum:\n\tgo mod download\nx:\n\techo x\n', [], { 'go.sum': '' }),
  one('a phony target with the name of a directory', '.PHONY: bin\nall: bin\nbin:\n\tgo build -o bin/\n', [], {
    'bin/x': '',
  }),
  one('a missing recipe', 'all: FORCE\n\techo all\nFORCE:\n'),
  one('default rule', '.DEFAULT:\n\techo default $@\n', ['anything']),
  one('silent marks and empty recipes', '.SILENT:\nx: y\n\techo x\ny: ;\n'),
  one('names with dots and slashes', './x: ./y\n\techo $@ $<\ny:\n\techo y\n', ['x']),
  one('undefine and override', 'A = 1\nundefine A\noverride B := 2\nB = 3\nx:\n\techo "$(A)" $(B)\n', ['B=cmd']),
  one('export lists', 'A = 1\nB = 2\nexport A B\nunexport B\nx:\n\techo $(A) $(B)\n'),
  one(
    'flavor, origin, value',
    "A = $(B)\nC := 1\nx:\n\techo $(flavor A) $(flavor C) $(flavor D) $(origin A) $(origin D) '$(value A)'\n",
  ),
  one(
    'version flags',
    "LDFLAGS := -s -w\nLDFLAGS += -X main.v=$(VERSION)\nlinux:\n\tCGO_ENABLED=0 go build -a -ldflags '$(LDFLAGS)' -o bin/app .\n",
    ['linux', 'VERSION=1.2'],
  ),
  one('a variable with a colon', 'IMG = registry:5000/x:1\nx: y\n\techo $(IMG)\ny: A = b:c\ny:\n\techo $(A)\n'),
  one('spaces at the ends of values', 'A = x   \nB :=   y\nC = $(A)|\nx:\n\techo "$(A)$(B)$(C)"\n'),
  one('abspath of nothing', 'x:\n\techo "$(abspath )" "$(realpath none)"\n'),
  one('a shell loop', 'CMDS = a b\nx:\n\tfor c in $(CMDS); do \\\n\t  go build ./cmd/$$c || exit 1; \\\n\tdone\n'),
];
