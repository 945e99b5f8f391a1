module slipway.test/oracle/dockerignore

go 1.26.8

require github.com/moby/patternmatcher v0.6.1
