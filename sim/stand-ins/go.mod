module cloudlet/stand-ins

go 1.19
