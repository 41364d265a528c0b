# The names of the twelve labels. They stand on buttons, so they are short.
label-battery = Batteries
label-biological = Food waste
label-brown-glass = Brown glass
label-cardboard = Cardboard
label-clothes = Clothes
label-green-glass = Green glass
label-metal = Metal
label-paper = Paper
label-plastic = Plastic
label-shoes = Shoes
label-trash = General waste
label-white-glass = Clear glass
